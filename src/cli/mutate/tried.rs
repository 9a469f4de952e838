//! One mutant: made, built where that is needed, and judged by the suites that it concerns.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::engine::{Engine, Fault, world};
use crate::fact::image::ImageFacts;
use crate::mutate::changed::{Changed, Known, changed, rebuilt};
use crate::mutate::compose::Composed;
use crate::mutate::dockerfile::Recipe;
use crate::mutate::judged::{Found, Verdict, unbuilt};
use crate::mutate::{Change, Mutant};
use crate::plan::{ImagePlan, Selection};
use crate::run::options::Options;
use crate::run::outcome::{Event, Outcome, Verdict as OfCase};
use crate::run::{self, events};
use crate::session::image::NoImage;
use crate::session::{RUN_ID, Session};
use crate::suite::Suite;
use crate::suite::image::Image;
use crate::text::source::Sources;
use crate::text::units::show_time;

/// How long what was given up has to end.
const TEAR_DOWN: Duration = Duration::from_mins(3);
/// How many events are taken at once.
const BATCH: usize = 256;

/// What all mutants share.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) suites: Vec<Suite>,
    pub(super) sources: Sources,
    pub(super) recipes: Vec<Recipe>,
    pub(super) composed: Vec<Composed>,
    pub(super) options: Options,
    /// Where changed Dockerfiles are written to.
    pub(super) folder: PathBuf,
}

/// How long a mutant may take.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// Past this it is given up.
    pub(super) limit: Duration,
    /// Whether somebody wants all of them to end.
    pub(super) stopped: watch::Receiver<bool>,
}

/// What a run came to, and whether it had to be given up.
struct Ran {
    outcome: Outcome,
    late: bool,
}

impl Ground {
    fn known(&self) -> Known<'_> {
        Known {
            suites: &self.suites,
            recipes: &self.recipes,
            composed: &self.composed,
        }
    }

    /// Whether nothing else may run meanwhile: a case is timed, or has a certain port or address.
    pub(super) fn is_alone(&self, mutant: &Mutant) -> bool {
        let cases = mutant.cases.iter();
        let described = cases
            .clone()
            .filter_map(|(suite, _)| self.known().composed_of(*suite));
        if described.into_iter().any(|one| one.is_fixed) {
            return true;
        }
        let mut cases = cases.filter_map(|(suite, case)| self.suites.get(*suite)?.cases.get(*case));
        cases.any(|case| {
            let services = case.services.iter().map(|(_, service)| &service.run);
            let mut ports = services.chain([&case.run]).flat_map(|run| &run.ports);
            case.alone || ports.any(|port| port.value.is_fixed())
        })
    }

    /// Makes it and sees what comes of it.
    pub(super) async fn tried(&self, mutant: &Mutant, number: usize, bounds: Bounds) -> Found {
        let found = Box::pin(self.found(mutant, number, bounds)).await;
        self.as_written(found, mutant, number)
    }

    /// With the Dockerfile named as the suites have it, not where the changed one lay.
    fn as_written(&self, mut found: Found, mutant: &Mutant, number: usize) -> Found {
        let Change::Dockerfile(new) = &mutant.change else {
            return found;
        };
        let lay = self.folder.join(number.to_string());
        let own = self.recipes.get(new.recipe);
        let own = own.and_then(|recipe| Path::new(&recipe.path).parent());
        if let (Some(lay), Some(own)) = (lay.to_str(), own.and_then(Path::to_str)) {
            let by = found
                .by
                .iter_mut()
                .flat_map(|by| [&mut by.expected, &mut by.actual]);
            for text in found.why.iter_mut().chain(by) {
                *text = text.replace(lay, own);
            }
        }
        found
    }

    async fn found(&self, mutant: &Mutant, number: usize, bounds: Bounds) -> Found {
        if mutant.cases.is_empty() {
            return Found::new(Verdict::Survived, None);
        }
        let file = match mutant
            .text()
            .map(|text| self.rewritten(mutant, text, number))
            .transpose()
        {
            Ok(file) => file,
            Err(error) => {
                let why = format!("the changed Dockerfile could not be written: {error}");
                return Found::new(Verdict::Errored, Some(why));
            }
        };
        let changed = changed(mutant, self.known(), file.as_deref());
        let Some(changed) = changed else {
            let why = "the engine is asked for the same as before".to_owned();
            return Found::new(Verdict::NotViable, Some(why));
        };
        let mut is_same = false;
        if let Some(file) = file.as_deref().filter(|_| mutant.builds()) {
            match Box::pin(self.builds(mutant, file, &bounds)).await {
                Ok(same) => is_same = same,
                Err(found) => return found,
            }
        }
        let ran = match Box::pin(self.ran(changed, &bounds)).await {
            Ok(ran) => ran,
            Err(fault) => return Found::new(Verdict::Errored, Some(fault.to_string())),
        };
        let found = Found::of(&ran.outcome, mutant.builds());
        match found.verdict {
            Verdict::Survived | Verdict::Errored if *bounds.stopped.borrow() => {
                Found::new(Verdict::NotRun, Some("it was interrupted".to_owned()))
            }
            Verdict::Survived | Verdict::Errored if ran.late => late(bounds.limit),
            // What no claim of the Dockerfile notices either is nothing that anyone could.
            Verdict::Survived if is_same => {
                let why = "the image is as it was".to_owned();
                Found::new(Verdict::NotViable, Some(why))
            }
            _ => found,
        }
    }

    /// Writes the changed Dockerfile, with the ignore file that stands beside the one that it takes the place of.
    fn rewritten(&self, mutant: &Mutant, text: &str, number: usize) -> std::io::Result<PathBuf> {
        let folder = self.folder.join(number.to_string());
        std::fs::create_dir_all(&folder)?;
        let recipe = match &mutant.change {
            Change::Dockerfile(new) => self.recipes.get(new.recipe),
            _ => None,
        };
        let path = Path::new(recipe.map_or("Dockerfile", |recipe| recipe.path.as_str()));
        let name = path.file_name().unwrap_or("Dockerfile".as_ref());
        let file = folder.join(name);
        std::fs::write(&file, text)?;
        if recipe.is_none() {
            return Ok(file);
        }
        let ignore = |of: &Path| {
            let mut beside = of.as_os_str().to_owned();
            beside.push(".dockerignore");
            PathBuf::from(beside)
        };
        if ignore(path).is_file() {
            std::fs::copy(ignore(path), ignore(&file))?;
        }
        Ok(file)
    }

    /// Builds every image of the changed Dockerfile: whether all are as they were. Where one is not built, that is what
    /// came of the mutant.
    async fn builds(&self, mutant: &Mutant, file: &Path, bounds: &Bounds) -> Result<bool, Found> {
        let errored = |fault: Fault| Found::new(Verdict::Errored, Some(fault.to_string()));
        let session = self.session().await.map_err(errored)?;
        let built = async {
            let mut is_same = true;
            let mut known: Vec<(&Path, String)> = Vec::new();
            for (folder, image) in self.images(mutant) {
                let one = (folder, image.source.words());
                let after = rebuilt(image, folder, mutant, &self.recipes, file);
                if let Some(after) = after.filter(|_| !known.contains(&one)) {
                    known.push(one);
                    is_same &= both(&session, folder, image, after).await?;
                }
            }
            Ok(is_same)
        };
        let mut stopped = bounds.stopped.clone();
        let is_same = tokio::select! {
            built = timeout(bounds.limit, built) => match built {
                Ok(built) => built,
                Err(_) => Err(late(bounds.limit)),
            },
            () = told(&mut stopped) => {
                Err(Found::new(Verdict::NotRun, Some("it was interrupted".to_owned())))
            }
        };
        let left = session.close().await;
        match (is_same, left) {
            (Ok(_), Some(left)) => Err(Found::new(Verdict::Errored, Some(left))),
            (found, _) => found,
        }
    }

    /// The images in the cases of a mutant, with the folders that their paths are relative to.
    fn images<'a>(&'a self, mutant: &'a Mutant) -> impl Iterator<Item = (&'a Path, &'a Image)> {
        let cases = mutant.cases.iter().filter_map(|(number, case)| {
            let suite = self.suites.get(*number)?;
            Some((*number, suite, suite.cases.get(*case)?))
        });
        cases.flat_map(|(number, suite, case)| {
            let services = case.services.iter().map(|(_, service)| &service.image);
            let all = case.image_of(suite).into_iter().chain(services);
            let described = self.known().composed_of(number);
            let described = described.filter(|_| case.is_of_compose()).into_iter();
            let built = described.flat_map(|one| &one.builds);
            let built = built.map(|(_, image)| (Path::new(""), image));
            all.map(|image| (suite.folder.as_path(), image))
                .chain(built)
        })
    }

    async fn session(&self) -> Result<Session, Fault> {
        let engine = Engine::find(self.options.engine.as_deref()).await?;
        let run = world::random(RUN_ID).to_lowercase();
        let session = Session::new(engine, run, world::owner())?;
        let session = session.with_passing_builds(Some(self.folder.clone()));
        // Where nobody can clean up after it, the run of the suites has said so.
        let _ = session.guard().await;
        Ok(session)
    }

    /// Runs the cases that are concerned, and ends as soon as one failed.
    async fn ran(&self, changed: Changed, bounds: &Bounds) -> Result<Ran, Fault> {
        let options = Options {
            selection: Selection {
                cases: Some(changed.cases),
                ..Selection::default()
            },
            ..self.options.clone()
        };
        let (teller, mut events) = events::channel();
        let (interrupt, interrupted) = watch::channel(0_u8);
        let sources = self.sources.clone();
        let run = run::run(changed.suites, sources, options, teller, interrupted);
        let mut run = std::pin::pin!(run);
        let mut stopped = bounds.stopped.clone();
        let mut is_stopped = false;
        let mut taken = Vec::new();
        let work = async {
            loop {
                tokio::select! {
                    ended = &mut run => break ended,
                    _ = events.take(&mut taken, BATCH), if !events.is_over() => {
                        if taken.drain(..).any(|event| is_failure(&event)) {
                            // It has come to its end where nobody listens.
                            let _ = interrupt.send(1);
                        }
                    }
                    () = told(&mut stopped), if !is_stopped => {
                        is_stopped = true;
                        let _ = interrupt.send(1);
                    }
                }
            }
        };
        if let Ok(ended) = timeout(bounds.limit, work).await {
            return ended.map(|outcome| Ran {
                outcome,
                late: false,
            });
        }
        let _ = interrupt.send(1);
        match timeout(TEAR_DOWN, run).await {
            Ok(ended) => ended.map(|outcome| Ran {
                outcome,
                late: true,
            }),
            Err(_) => Ok(Ran {
                outcome: Outcome::default(),
                late: true,
            }),
        }
    }
}

/// Waits until all are to end.
async fn told(stopped: &mut watch::Receiver<bool>) {
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn late(limit: Duration) -> Found {
    let why = format!("it was given up after {}", show_time(limit));
    Found::new(Verdict::TimedOut, Some(why))
}

fn is_failure(event: &Event) -> bool {
    matches!(event, Event::CaseDone { outcome, .. } if outcome.verdict == OfCase::Failed)
}

/// Builds an image as it was and as it is changed: whether the two are alike.
async fn both(
    session: &Session,
    folder: &Path,
    before: &Image,
    after: Image,
) -> Result<bool, Found> {
    let plan = |image| ImagePlan {
        image,
        folder: folder.to_owned(),
        suite: 0,
    };
    let before = session.image(&plan(before.clone()), |_| ()).await;
    let after = session.image(&plan(after), |_| ()).await;
    match (before, after) {
        (Ok(before), Ok(after)) => Ok(bare(before.facts) == bare(after.facts)),
        (Ok(_), Err(NoImage::Failed(failure))) => Err(Found::new(
            Verdict::NotViable,
            Some(unbuilt(&failure.what())),
        )),
        // What no change has broken, none can break.
        (Err(NoImage::Failed(failure)), _) => Err(Found::new(
            Verdict::NotViable,
            Some(format!("it does not build as it is: {}", failure.what())),
        )),
        (Err(why), _) | (_, Err(why)) => {
            let why = match why {
                NoImage::Failed(failure) => failure.what(),
                NoImage::Suite(message)
                | NoImage::Refused(message)
                | NoImage::Given(message)
                | NoImage::Named(_, message)
                | NoImage::There { said: message, .. } => message,
                NoImage::Fault(fault) => fault.to_string(),
            };
            Err(Found::new(Verdict::Errored, Some(why)))
        }
    }
}

/// What two images have in common that are alike but for when and as what they were made.
fn bare(facts: ImageFacts) -> ImageFacts {
    ImageFacts {
        id: String::new(),
        tags: Vec::new(),
        digests: Vec::new(),
        created: None,
        history: Vec::new(),
        ..facts
    }
}
