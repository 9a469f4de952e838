use super::*;
use crate::fact::blob::Blob;
use crate::fact::log::{Line, Log, Stream};
use crate::fact::source::Dockerfile;
use crate::run::record::Done;
use crate::suite::Item;
use crate::text::read::{Read as _, Reader};
use crate::text::yaml;

fn seen(fact: Fact) -> Answer {
    Answer::Seen(fact)
}

fn bytes(count: usize) -> Answer {
    seen(Fact::Read(Some(Blob::whole(vec![b'x'; count]))))
}

#[test]
fn what_is_too_large_is_not_kept_and_says_so() {
    let kept = |answer: &Answer| kept(&Question::Log, answer, &Cover::default());
    assert!(kept(&bytes(1000)).is_ok());
    let why = kept(&bytes(ONE)).unwrap_err();
    assert!(why.contains("larger than the 256 kB"), "{why}");
    let searched = seen(Fact::Searched(Box::default()));
    let why = kept(&searched).unwrap_err();
    assert!(why.contains("looks like a secret"), "{why}");
    let mut state = State {
        bytes: ALL - 5,
        ..State::default()
    };
    assert!(state.take("12345".to_owned()).is_ok());
    let why = state.take("6".to_owned()).unwrap_err();
    assert!(why.contains("8 MB of answers"), "{why}");
    let keeper = Keeper::default();
    let (key, is_whole) = keeper.told(&Question::Log, &bytes(ONE), &Cover::default());
    let facts = keeper.facts();
    let told = facts.told(&key).unwrap();
    assert!(!is_whole && told.question == "log");
    assert!(matches!(told.answer, Answer::Unseen(why) if why.ends_with(": run the suite again")));
}

#[test]
fn what_nobody_is_judged_by_any_more_makes_room() {
    let keeper = Keeper::default();
    let none = Cover::default();
    let key = |count| keeper.told(&Question::Log, &bytes(count), &none).0;
    let record = |key: &str| Record {
        steps: vec![Done::Judged(vec![Look {
            on: vec![On {
                member: 0,
                facts: vec![key.to_owned()],
            }],
            ..Look::default()
        }])],
        ..Record::default()
    };
    let (one, other) = (key(10), key(1000));
    assert_eq!(key(10), one);
    let before = keeper.state().bytes;
    keeper.release(&record(&one));
    assert_eq!(keeper.state().bytes, before, "another names it");
    keeper.release(&record(&one));
    keeper.release(&record(&one));
    assert!(keeper.state().bytes < before);
    let facts = keeper.facts();
    assert!(facts.told(&one).is_none() && facts.told(&other).is_some());
}

#[test]
fn secrets_of_images_and_dockerfiles_are_not_kept() {
    let image = ImageFacts {
        env: vec!["API_KEY=k9Zt71mQpw".to_owned(), "MODE=fast".to_owned()],
        ..ImageFacts::default()
    };
    let none = Cover::default();
    let of = |answer: &Answer, cover: &Cover| kept(&Question::Image, answer, cover).unwrap();
    let (text, is_whole) = of(&seen(Fact::Image(Box::new(image.clone()))), &none);
    assert!(
        text.contains("API_KEY=***") && text.contains("MODE=fast"),
        "{text}"
    );
    assert!(!is_whole);
    let file = Dockerfile {
        text: Blob::whole("FROM a\nENV DB_PASSWORD=k9Zt71mQpw\n"),
        ..Dockerfile::default()
    };
    let (text, is_whole) = of(&seen(Fact::Dockerfile(Box::new(file))), &none);
    assert!(
        text.contains("DB_PASSWORD=**********") && !is_whole,
        "{text}"
    );
    // What an image holds is no more shown where a container says it.
    let keeper = Keeper {
        secrets: vec![Vec::new()],
        ..Keeper::default()
    };
    keeper.hide(&image);
    let said = seen(Fact::Environment(vec![(
        "API_KEY".to_owned(),
        "k9Zt71mQpw".to_owned(),
    )]));
    let (text, is_whole) = of(&said, &keeper.cover(0));
    assert!(text.contains("***") && !is_whole, "{text}");
}

#[test]
fn a_secret_that_is_a_word_of_ours_spoils_no_report() {
    let line = Line {
        stream: Stream::Stdout,
        text: "it runs".to_owned(),
    };
    let log = Log {
        lines: vec![line],
        cut: false,
    };
    let answer = seen(Fact::Log(log));
    let of = |secret: &str| kept(&Question::Log, &answer, &Cover::new([(secret, "${S}")]));
    let why = of("stdout").unwrap_err();
    assert!(why.contains("a secret is a part of the words"), "{why}");
    let (text, is_whole) = of("runs").unwrap();
    assert!(text.contains("it ${S}") && !is_whole, "{text}");
    assert!(of("other").unwrap().1);
}

#[test]
fn a_claim_is_known_wherever_it_stands() {
    let of = |text: &str, secret: &str| {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let item = Item::read(&node, &mut Reader::default()).unwrap();
        words(&item.claim, &Cover::new([(secret, "${S}")]))
    };
    let one = of("path: { at: /x, content: k9Zt71mQpw }", "k9Zt71mQpw");
    let moved = "# a line\n\n  path:\n      at: /x\n      content: \"${S}\"\n";
    assert_eq!(of(moved, "${S}"), one);
    assert_ne!(of("path: { at: /x, content: other }", "${S}"), one);
    assert_ne!(of("path: { at: /y, content: \"${S}\" }", "${S}"), one);
}
