//! What cases are told that have no image to be judged on.

use super::Cases;
use crate::fact::build::BuildFailure;
use crate::run::outcome::{Failure, Trouble};
use crate::session::image::NoImage;
use crate::text::source::Place;

impl Cases<'_> {
    pub(super) fn no_image(&mut self, number: usize, no_image: &NoImage) {
        let sources = &self.shared.sources;
        let place = self
            .shared
            .plan
            .images
            .get(number)
            .map(|plan| sources.place(plan.image.span));
        // Many cases may stand on one image: the builder's output is shown at the first of them.
        let units = &self.shared.plan.units;
        let first = units.iter().find(|other| other.image == Some(number));
        let first = first.and_then(|unit| unit.cases.iter().min()).copied();
        self.lacks(place.as_ref(), first, no_image);
    }

    /// Writes down why there is nothing to judge; the builder's output at the `first` of the cases.
    pub(super) fn lacks(
        &mut self,
        place: Option<&Place>,
        first: Option<usize>,
        no_image: &NoImage,
    ) {
        let sources = &self.shared.sources;
        for (at, _, case, making) in &mut self.all {
            let place = place
                .cloned()
                .unwrap_or_else(|| sources.place(case.name.span));
            match no_image {
                NoImage::Failed(failure) => {
                    making.fail(unbuilt(failure, place));
                    if first == Some(*at) {
                        making.evidence("the builder's last lines", failure.last_lines.clone());
                    }
                }
                NoImage::Suite(message) | NoImage::Refused(message) => making.trouble(Trouble {
                    place: Some(place),
                    message: message.clone(),
                }),
                NoImage::Named(span, message) => making.trouble(Trouble {
                    place: Some(sources.place(*span)),
                    message: message.clone(),
                }),
                NoImage::There {
                    sources,
                    span,
                    said,
                } => making.trouble(Trouble {
                    place: Some(sources.place(*span)),
                    message: said.clone(),
                }),
                NoImage::Given(message) => making.trouble(Trouble {
                    place: None,
                    message: message.clone(),
                }),
                NoImage::Fault(fault) => making.trouble(Trouble {
                    place: Some(place),
                    message: fault.to_string(),
                }),
            }
        }
    }

    /// A service without an image keeps us from telling anything of the one under test.
    pub(super) fn no_service(&mut self, name: &str, number: usize, why: &NoImage) {
        let sources = &self.shared.sources;
        let plan = self.shared.plan.images.get(number);
        let place = plan.map(|plan| sources.place(plan.image.span));
        let (message, lines) = match why {
            NoImage::Failed(failure) => (
                format!("its image is not built: {}", failure.what()),
                failure.last_lines.clone(),
            ),
            NoImage::Suite(message)
            | NoImage::Refused(message)
            | NoImage::Given(message)
            | NoImage::Named(_, message)
            | NoImage::There { said: message, .. } => (message.clone(), Vec::new()),
            NoImage::Fault(fault) => (fault.to_string(), Vec::new()),
        };
        self.each(|_, making| {
            making.trouble(Trouble {
                place: place.clone(),
                message: format!("there is no service `{name}`: {message}"),
            });
            making.evidence("the builder's last lines", lines.clone());
        });
    }
}

pub(super) fn unbuilt(failure: &BuildFailure, place: Place) -> Failure {
    Failure {
        place,
        claim: "image".to_owned(),
        what: "build".to_owned(),
        service: None,
        expected: "an image that builds".to_owned(),
        actual: failure.what(),
        diff: None,
        notes: failure.help.iter().cloned().collect(),
        waited: None,
    }
}
