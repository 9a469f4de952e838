use super::*;

#[test]
fn accounts_of_which_only_some_were_read_are_unseen() {
    for (cut, file) in ACCOUNT_FILES.into_iter().chain([""]).enumerate() {
        let mut answers = Answers::default();
        for (at, question) in account_questions().into_iter().enumerate() {
            let mut blob = Blob::whole("app:x:7:7::/:/bin/sh\n");
            blob.total += u64::from(at == cut);
            answers.keep(0, question, Answer::Seen(Fact::Read(Some(blob))));
        }
        match answers.of(0).accounts() {
            Ok(_) => assert_eq!(file, ""),
            Err(Blocked::Unseen(why)) => {
                assert!(!file.is_empty() && why.contains(file), "{why}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}
