use crate::claim::trial::{errs_unseen, fails_ended, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::container::{ContainerFacts, MountFacts, Settings};
use crate::fact::mount::{Mounts, parse, plain};
use crate::fact::question::Question;

const ROOT: &str = "1 0 0:1 / / rw - overlay overlay rw\n\
    2 1 0:2 / /proc rw - proc proc rw\n\
    3 1 0:3 / /dev rw - tmpfs tmpfs rw\n\
    4 3 0:4 / /dev/shm rw - tmpfs shm rw\n\
    5 1 8:1 /x/hosts /etc/hosts rw - ext4 /dev/sda rw\n";

const OWN: &str = "6 1 8:1 /volumes/d /data rw - ext4 /dev/sda rw\n\
    7 1 8:1 /home/me/conf /etc/app ro - ext4 /dev/sda rw\n\
    8 1 0:8 / /tmp rw - tmpfs tmpfs rw\n\
    9 1 8:1 /run/docker.sock /run/docker.sock rw - tmpfs tmpfs rw\n";

fn declared(kind: &str, name: Option<&str>, source: &str, at: &str) -> MountFacts {
    MountFacts {
        kind: kind.to_owned(),
        name: name.map(str::to_owned),
        source: Some(source.to_owned()),
        at: at.to_owned(),
        // What the engine says of this is not asked.
        read_only: true,
    }
}

fn scene(extra: &str) -> impl Fn(&Question) -> Fact {
    let all = parse(&format!("{ROOT}{OWN}{extra}")).unwrap();
    move |question| match question {
        Question::Mounts { at } => {
            let declared = ["/data/", "/etc/app", "/var/run/docker.sock"].map(str::to_owned);
            let real = at.iter().chain(&declared).map(|path| {
                let real = path.replace("/var/run/", "/run/");
                (path.clone(), Some(plain(&real).to_owned()))
            });
            Fact::Mounts(Mounts {
                all: all.clone(),
                real: real.collect(),
            })
        }
        _ => Fact::Container(Box::new(ContainerFacts {
            mounts: vec![
                declared("volume", Some("data"), "/volumes/d", "/data/"),
                declared("bind", None, "/home/me/conf", "/etc/app"),
                declared("bind", None, "/run/docker.sock", "/var/run/docker.sock"),
            ],
            settings: Settings {
                tmpfs: [("/tmp".to_owned(), String::new())].into(),
                ..Settings::default()
            },
            ..ContainerFacts::default()
        })),
    }
}

#[test]
fn what_is_mounted_is_compared_field_by_field() {
    for holds in [
        "[/data, /tmp]",
        "[{ at: /data/, type: volume, read_only: false, source: data }]",
        "[{ at: /etc/app, type: bind, read_only: true, source: /home/me/conf }]",
        "[{ at: /tmp, type: tmpfs, read_only: false }]",
        "[{ at: /var/run/docker.sock, type: bind, source: { ends_with: docker.sock } }]",
        "[{ at: /run/docker.sock, type: bind }]",
        "{ only: [/data, /etc/app, /tmp, /run/docker.sock] }",
        "[/etc/hosts, { at: /etc/hosts, read_only: false }]",
        "{ without: [/srv, { at: /data, read_only: true }, { at: /tmp, type: bind }] }",
    ] {
        assert_eq!(misses_of("mounts", holds, scene("")), [""; 0], "{holds}");
    }
    for (fails, said) in [
        (
            "[{ at: /data, type: bind }]",
            "/data type: expected bind, actual volume",
        ),
        (
            "[{ at: /data, read_only: true }]",
            "/data read_only: expected read-only, actual writable",
        ),
        (
            "[{ at: /etc/app, read_only: false }]",
            "/etc/app read_only: expected writable, actual read-only",
        ),
        (
            "[{ at: /data, source: other }]",
            "/data source: expected \"other\", actual \"data\"",
        ),
        (
            "[{ at: /etc/app, source: ./conf }]",
            "/etc/app source: expected \"./conf\", actual \"/home/me/conf\" | the engine has the whole path of a host's folder: `source: { ends_with: … }`",
        ),
        (
            "[{ at: /etc/hosts, type: bind }]",
            "/etc/hosts type: expected bind, actual the engine's own | every container gets this from the engine, \
             which says of what type it is for nothing but what `run` declares: leave `type` out",
        ),
        (
            "{ without: [/etc/hosts] }",
            "/etc/hosts: expected no such mount, actual /etc/hosts (the engine's own, writable)",
        ),
        (
            "{ only: [/data, /etc/app, /tmp] }",
            "mounts: expected no mounts but /data, /etc/app and /tmp, actual also /run/docker.sock (bind /run/docker.sock, writable)",
        ),
        (
            "{ without: [/var/run/docker.sock] }",
            "/var/run/docker.sock: expected no such mount, actual /run/docker.sock (bind /run/docker.sock, writable)",
        ),
    ] {
        assert_eq!(misses_of("mounts", fails, scene("")), [said]);
    }
    let nothing = misses_of("mounts", "[/srv]", scene(""));
    let said = "/srv: expected a mount, actual nothing is mounted there | mounted are /data (volume data, writable), /etc/app (bind /home/me/conf, read-only), /tmp (tmpfs, writable) and";
    assert!(nothing[0].starts_with(said), "{nothing:?}");
    let others = misses_of("mounts", "{ only: [] }", scene(""));
    assert!(
        others[0].contains("expected no mounts, actual also /data"),
        "{others:?}"
    );
}

#[test]
fn the_kernel_is_believed_not_the_declaration() {
    // Something was mounted over the volume.
    let over = scene("20 6 0:9 / /data rw - tmpfs tmpfs rw\n");
    let misses = misses_of("mounts", "[{ at: /data, type: volume }]", &over);
    assert_eq!(misses, ["/data type: expected volume, actual tmpfs"]);
    assert_eq!(
        misses_of("mounts", "[{ at: /data, type: tmpfs }]", &over),
        [""; 0]
    );
    // Something was mounted over the engine's own.
    let over = scene("20 5 0:9 / /etc/hosts rw - tmpfs tmpfs rw\n");
    let tmpfs = "[{ at: /etc/hosts, type: tmpfs }]";
    assert_eq!(misses_of("mounts", tmpfs, &over), [""; 0]);
    // A folder above it hides it.
    let hidden = scene("20 1 0:9 / /etc rw - tmpfs tmpfs rw\n");
    let misses = misses_of("mounts", "[/etc/app]", &hidden);
    assert!(misses[0].contains("nothing is mounted there"), "{misses:?}");
    // What stands below /dev is every container's, unless it was declared.
    let shm = scene("20 3 0:9 / /dev/mqueue rw - mqueue mqueue rw\n");
    let only = "{ only: [/data, /etc/app, /tmp, /run/docker.sock] }";
    assert_eq!(misses_of("mounts", only, &shm), [""; 0]);
}

#[test]
fn a_message_names_some_and_counts_the_rest() {
    let line = |n: u32| format!("{} 1 0:9 / /m{n} rw - tmpfs tmpfs rw\n", n + 20);
    let many: String = (0..5000).map(line).collect();
    let misses = misses_of("mounts", "{ only: [] }", scene(&many));
    assert!(misses[0].ends_with(" and 4992 more"), "{misses:?}");
}

#[test]
fn a_read_only_folder_with_an_open_one_in_it_is_not_read_only() {
    let open = scene("20 7 0:9 / /etc/app/disk rw - ext4 /dev/sdb rw\n");
    let said = "/etc/app read_only: expected read-only, actual /etc/app/disk below it can be written to | it is mounted inside the host's folder and came along with it, without its being read-only";
    let wanted = "[{ at: /etc/app, read_only: true }]";
    assert_eq!(misses_of("mounts", wanted, &open), [said]);
    let shut = scene("20 7 0:9 / /etc/app/disk ro - ext4 /dev/sdb rw\n");
    assert_eq!(misses_of("mounts", wanted, &shut), [""; 0]);
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("mounts", "[/data]", scene(""));
    errs_unseen("mounts", "{ without: [/srv] }", scene(""));
    fails_ended("mounts", "{ without: [/srv] }");
}

#[test]
fn what_is_written_wrong_is_refused() {
    for (text, said) in [
        ("[data]", "an absolute path"),
        ("[{ type: volume }]", "`at` is missing"),
        ("[{ at: /data, type: volum }]", "unknown word `volum`"),
        ("[]", "at least one name"),
        ("/data", "a list"),
    ] {
        let heard = refused("mounts", text);
        assert!(heard.contains(said), "{text}: {heard}");
    }
}
