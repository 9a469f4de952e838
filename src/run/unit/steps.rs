//! The steps of a case: what is expected and what is done, one after the other.

use super::lacks::unbuilt;
use super::{Cases, members};
use crate::action::Action;
use crate::engine::Fault;
use crate::fact::deed::Deed;
use crate::image::Image;
use crate::run::judge::{Pending, Subject, Until, judge, within};
use crate::run::keep;
use crate::run::outcome::{Failure, Trouble};
use crate::session::company::{Company, Member};
use crate::session::image::{NoImage, Ready};
use crate::session::live::deeds::Undone;
use crate::suite::{Body, Case, Item, Step, Suite};
use crate::text::source::{Place, Span};

impl Cases<'_> {
    /// The steps of the one case of this unit; a failed claim ends them.
    pub(super) async fn steps(&mut self, company: &Company) {
        let Some((_, suite, case, _)) = self.all.first() else {
            return;
        };
        let (suite, case): (&Suite, &Case) = (suite, case);
        let Body::Steps(steps) = &case.body else {
            return;
        };
        let among = Subject::Company(company).among();
        self.each(|_, making| making.meets(among.clone()));
        for (number, step) in (1..).zip(steps) {
            self.progress.at(format!("at step {number}"));
            self.phases.turn(format!("step {number}, {}", step.name()));
            if !self.step(suite, case, step, company).await {
                return;
            }
        }
    }

    /// One step; `false` where the steps end with it.
    pub(super) async fn step(
        &mut self,
        suite: &Suite,
        case: &Case,
        step: &Step,
        company: &Company,
    ) -> bool {
        match step {
            Step::Expect { items, .. } => self.expects(suite, case, items, company).await,
            Step::Act {
                span,
                action,
                modifiers,
            } => {
                self.progress.goes_on(&format!("`{}`", action.name()));
                let among = Subject::Company(company).among();
                let members = among.of_step(modifiers.service.as_ref(), case);
                let cover = self.shared.keeper.cover(self.suite());
                let words = keep::step(action, &members, &cover);
                self.each(|_, making| making.does(words.clone()));
                let image = match action.image() {
                    Some(image) => match self.named(image).await {
                        None => return false,
                        there => there,
                    },
                    None => None,
                };
                let image = image.as_ref();
                if let Some(image) = image {
                    self.replaced(image, &members, company);
                }
                self.act(company, &members, (*span, action), image).await
            }
            Step::Load {
                span,
                load,
                request,
                during,
            } => {
                let note = request.modifiers.note.as_deref();
                let step = (*span, load, during.as_slice(), note);
                self.load((suite, case), company, step).await
            }
        }
    }

    /// Writes down that an image takes the place of theirs.
    fn replaced(&mut self, image: &Ready, whose: &[usize], company: &Company) {
        let all = company.members();
        for member in whose.iter().filter_map(|at| all.get(*at)) {
            let replaced = members::image_of(&member.service, image);
            self.each(|_, making| making.replaced(replaced.clone()));
        }
        if whose.iter().any(|at| is_app(company, *at)) {
            let shown = members::shown(image);
            self.each(|_, making| making.then_image(&shown));
        }
    }

    /// Judges the claims of a step; `false` where one does not hold.
    async fn expects(
        &mut self,
        suite: &Suite,
        case: &Case,
        items: &[Item],
        company: &Company,
    ) -> bool {
        let subject = Subject::Company(company);
        let among = subject.among();
        let pending = items
            .iter()
            .map(|item| Pending {
                item,
                within: within(item, case, suite),
                case: 0,
                members: among.of(item, case),
            })
            .collect();
        let ground = self.ground();
        let watch = (&self.progress, &self.shared.sources);
        let before = self.counter.calls();
        let needed = self.needed(company);
        let until = Until {
            ended: None,
            dead: &needed,
        };
        let judged = judge(&subject, ground.as_ref(), pending, until, watch).await;
        self.observation.add(&self.counter.calls().since(&before));
        let looks = self.shared.keeper.looks(self.suite(), &judged);
        let Some((_, _, _, making)) = self.all.first_mut() else {
            return false;
        };
        making.expects();
        for (one, look) in judged.into_iter().zip(looks) {
            making.take(one, look, &self.shared.sources);
        }
        making.is_good()
    }

    /// The image that a step names; nothing after writing down why there is none.
    async fn named(&mut self, image: &Image) -> Option<Ready> {
        let words = image.source.words();
        let known = self.unit.replacing.iter().find(|(key, _)| *key == words);
        let brought = match known {
            Some((_, number)) => self.shared.image(*number).await,
            None => Err(NoImage::Suite("this image was not planned".to_owned())),
        };
        let place = self.shared.sources.place(image.span);
        let why = match brought {
            Ok(ready) => return Some(ready),
            Err(why) => why,
        };
        self.each(|_, making| match &why {
            NoImage::Failed(failure) => {
                making.fail(unbuilt(failure, place.clone()));
                making.evidence("the builder's last lines", failure.last_lines.clone());
            }
            NoImage::Suite(message)
            | NoImage::Refused(message)
            | NoImage::Given(message)
            | NoImage::Named(_, message)
            | NoImage::There { said: message, .. } => {
                making.trouble(Trouble {
                    place: Some(place.clone()),
                    message: message.clone(),
                });
            }
            NoImage::Fault(fault) => making.trouble(Trouble {
                place: Some(place.clone()),
                message: fault.to_string(),
            }),
        });
        None
    }

    /// Does a step to each of these; `false` after writing down what kept it from being done.
    async fn act(
        &mut self,
        company: &Company,
        members: &[usize],
        (span, action): (Span, &Action),
        image: Option<&Ready>,
    ) -> bool {
        let deed = (action.name(), action.deed());
        let place = self.shared.sources.place(span);
        for &at in members {
            match done(company, at, &deed, image).await {
                Ok(Done::Still) => {}
                Ok(Done::Starts) => {
                    let by = image.map_or_else(String::new, |image| {
                        format!(", whose image is {} ({})", image.name, image.id)
                    });
                    let (name, line) = (action.name(), place.line);
                    let after = format!("after the step `{name}` in line {line}{by}");
                    if !self.wait_ready(company, at, (span, after)).await {
                        return false;
                    }
                }
                Ok(Done::Not(undone)) => {
                    let failure = not_done(&undone, action, place, company.label(at));
                    self.each(|_, making| making.fail(failure.clone()));
                    return false;
                }
                Err(fault) => {
                    let on = company
                        .label(at)
                        .map_or(String::new(), |on| format!(" to {on}"));
                    let name = action.name();
                    let message = format!("the step `{name}` could not be done{on}: {fault}");
                    self.each(|_, making| {
                        making.trouble(Trouble {
                            place: Some(place.clone()),
                            message: message.clone(),
                        });
                    });
                    return false;
                }
            }
        }
        true
    }
}

fn is_app(company: &Company, at: usize) -> bool {
    company.members().get(at).is_some_and(Member::is_app)
}

/// What came of a deed.
enum Done {
    /// It is done.
    Still,
    /// It is done, and the container has to get ready again.
    Starts,
    /// The container kept it from being done.
    Not(Undone),
}

async fn done(
    company: &Company,
    at: usize,
    (name, deed): &(&'static str, Deed),
    image: Option<&Ready>,
) -> Result<Done, Fault> {
    let mut live = company.live(at).await?;
    let _does = live.track.begins(*name);
    if let Some(image) = image {
        live.take_image(image);
    }
    if let Some(undone) = live.deed(deed).await? {
        return Ok(Done::Not(undone));
    }
    let starts = live.awaits_ready(deed).await?;
    Ok(if starts { Done::Starts } else { Done::Still })
}

fn not_done(undone: &Undone, action: &Action, place: Place, service: Option<String>) -> Failure {
    Failure {
        place,
        claim: action.name().to_owned(),
        what: "step".to_owned(),
        service,
        expected: undone.expected.clone(),
        actual: undone.actual.clone(),
        diff: None,
        notes: Vec::new(),
        waited: None,
    }
}
