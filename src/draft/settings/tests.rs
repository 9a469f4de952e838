use super::*;
use crate::fact::container::Ulimit;
use crate::fact::image::Healthcheck;

#[test]
fn what_is_not_taken_over_is_named() {
    type Change = fn(&mut ContainerFacts);
    let line = |changes: &[Change]| {
        let mut container = ContainerFacts::default();
        for change in changes {
            change(&mut container);
        }
        let mut run = Vec::new();
        left_out(&container, &ImageFacts::default(), &mut run);
        run.join("\n")
    };
    let all: [(Change, &str); 10] = [
        (|one| one.hostname = Some("web".to_owned()), "hostname"),
        (
            |one| {
                one.labels.insert("team".to_owned(), "a".to_owned());
            },
            "labels",
        ),
        (
            |one| one.settings.memory_swap = Some(300 << 20),
            "memswap_limit",
        ),
        (
            |one| {
                let host = serde_json::json!({ "HostConfig": { "Dns": ["9.9.9.9"], "OomScoreAdj": 0, "Sysctls": {} } });
                one.settings = ContainerFacts::read(&host).settings;
            },
            "dns",
        ),
        (
            |one| {
                let host = serde_json::json!({ "HostConfig": {
                    "OomScoreAdj": 100,
                    "Sysctls": { "net.core.somaxconn": "99" },
                    "Devices": [{ "PathOnHost": "/dev/null" }],
                } });
                one.settings = ContainerFacts::read(&host).settings;
            },
            "devices, sysctls, oom_score_adj",
        ),
        (
            |one| one.healthcheck = Some(Healthcheck::default()),
            "healthcheck",
        ),
        (
            |one| one.settings.ulimits = vec![Ulimit::default()],
            "ulimits",
        ),
        (
            |one| one.settings.extra_hosts = vec!["a:1.1.1.1".to_owned()],
            "extra_hosts",
        ),
        (|one| one.settings.shm_size = Some(SHM + 1), "shm_size"),
        (
            |one| {
                let all = &mut one.settings.port_bindings;
                all.insert("80/tcp".to_owned(), Vec::new());
            },
            "ports",
        ),
    ];
    for (change, name) in all {
        assert_eq!(
            line(&[change]),
            format!("# It also has {name}, which are not taken over.")
        );
    }
    assert_eq!(line(&[]), "");
    // As the engine has it where nobody says.
    assert_eq!(line(&[|one| one.settings.shm_size = Some(SHM)]), "");
    let two = line(&[all[5].0, all[9].0]);
    assert!(two.contains("healthcheck, ports, which"), "{two}");
}

#[test]
fn secrets_of_one_name_are_told_apart_by_their_values() {
    let mut hidden = Hidden {
        texts: Vec::new(),
        named: Vec::new(),
    };
    for (name, value, written) in [
        ("TOKEN", "a", "\"--t=${TOKEN}\""),
        ("TOKEN", "b", "\"--t=${TOKEN_2}\""),
        ("TOKEN", "a", "\"--t=${TOKEN}\""),
        ("TOKEN", "c", "\"--t=${TOKEN_3}\""),
        ("TOKEN", "b", "\"--t=${TOKEN_2}\""),
        ("to-ken", "a", "\"--t=${to_ken}\""),
        ("", "d", "\"--t=${ARGUMENT_}\""),
        ("2nd", "e", "\"--t=${ARGUMENT_2nd}\""),
    ] {
        assert_eq!(
            hidden.variable(name, "--t=", value),
            written,
            "{name} {value}"
        );
    }
    let names: Vec<&str> = hidden.named.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "TOKEN",
            "TOKEN_2",
            "TOKEN_3",
            "to_ken",
            "ARGUMENT_",
            "ARGUMENT_2nd"
        ]
    );
}

#[test]
fn settings_are_written_in_the_words_of_a_suite() {
    let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let image = ImageFacts {
        env: texts(&["PATH=/bin", "LANG=C"]),
        entrypoint: texts(&["/start"]),
        cmd: texts(&["serve"]),
        ..ImageFacts::default()
    };
    let mount = |kind: &str, name: Option<&str>, at: &str| MountFacts {
        kind: kind.to_owned(),
        name: name.map(str::to_owned),
        source: Some("/srv/conf".to_owned()),
        at: at.to_owned(),
        read_only: false,
    };
    let container = ContainerFacts {
        name: "web".to_owned(),
        image: "web:1".to_owned(),
        env: texts(&[
            "PATH=/bin",
            "LANG=de",
            "API_TOKEN=abc",
            "EMPTY_SECRET=",
            "spring.datasource.password=hunter2",
            "DB=postgres://u:hunter3@db/x",
            "NOTE=${x}",
        ]),
        user: Some("1000".to_owned()),
        command: texts(&[
            "/start",
            "serve",
            "--fast",
            "--requirepass",
            "hunter2",
            "--token=hunter4",
        ]),
        mounts: vec![
            mount("volume", Some("data"), "/data"),
            mount("volume", Some(&"0".repeat(64)), "/cache"),
            mount("bind", None, "/etc/web"),
            MountFacts {
                source: Some("/srv/own".to_owned()),
                ..mount("bind", None, "/own")
            },
        ],
        settings: Settings {
            memory: Some(512 << 20),
            nano_cpus: Some(1_500_000_000),
            cap_drop: texts(&["ALL"]),
            ulimits: vec![Ulimit::default()],
            ..Settings::default()
        },
        ..ContainerFacts::default()
    };
    let (one, secrets) = of(&container, &image, |path| {
        (path == "/srv/own").then(|| "../own".to_owned())
    });
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = [
        pair("API_TOKEN", "abc"),
        pair("DB", "postgres://u:hunter3@db/x"),
        pair("spring_datasource_password", "hunter2"),
        pair("REQUIREPASS", "hunter2"),
        pair("TOKEN", "hunter4"),
    ];
    assert_eq!(secrets, expected);
    let expected = "environment:\n  API_TOKEN: \"${API_TOKEN}\"\n  DB: \"${DB}\"\n  EMPTY_SECRET: \"\"\n  \
        LANG: de\n  NOTE: \"$${x}\"\n  spring.datasource.password: \"${spring_datasource_password}\"\n\
        user: \"1000\"\ncommand: [serve, \"--fast\", \"--requirepass\", \"${REQUIREPASS}\", \"--token=${TOKEN}\"]\n\
        volumes:\n  - /cache\n  - \"data:/data\"\n  \
        # - /srv/conf:/etc/web  lies outside the project: put what is needed beside the suite\n  \
        - \"../own:/own\"\ncap_drop: [ALL]\nmem_limit: 512MB\ncpus: 1.5\n\
        # It also has ulimits, which are not taken over.";
    assert_eq!(one.run.join("\n"), expected);
}
