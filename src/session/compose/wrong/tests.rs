//! What tools of both kinds say of broken files, word for word.

use super::*;
use crate::text::source::Sources;

/// The line that is marked, what is marked of it, and the help.
fn told(file: &str, words: &str) -> (usize, String, String) {
    let (mut sources, mut roots) = (Sources::default(), Roots::default());
    roots.add(&mut sources, "c.yml", file);
    let found = wrong(words, &roots).unwrap_or_else(|| panic!("nothing for {words}"));
    let place = sources.place(found.span);
    let marked = place.text.chars().skip(place.column - 1).take(place.width);
    (place.line, marked.collect(), found.help.unwrap_or_default())
}

fn marks(file: &str, of: &[&str], (line, marked, help): (usize, &str, &str)) {
    for words in of {
        let (found, text, said) = told(file, words);
        assert_eq!((found, text.as_str()), (line, marked), "{words}");
        assert_eq!(said, help, "{words}");
    }
}

#[test]
fn a_mistyped_key_is_marked_with_the_one_that_is_meant() {
    let file =
        "services:\n  app:\n    image: x\n    comand: y\n    healthcheck:\n      intervall: 3s\n";
    let of_service = [
        "Unsupported config option for services.app: 'comand'",
        "validating /x/c.yml: services.app additional properties 'comand' not allowed",
        "services.app Additional property comand is not allowed",
    ];
    marks(file, &of_service, (4, "comand", "did you mean `command`?"));
    let below = [
        "services.app.healthcheck value 'intervall' does not match any of the regexes: '^x-'",
        "validating /x/c.yml: services.app.healthcheck additional properties 'intervall' not allowed",
    ];
    marks(file, &below, (6, "intervall", "did you mean `interval`?"));
    let top = [
        "validating /x/c.yml:  additional properties 'network' not allowed",
        "Invalid top-level property \"network\". Valid top-level sections for this Compose file are: services",
    ];
    let file = "services:\n  app: { image: x }\nnetwork:\n  a: {}\n";
    marks(file, &top, (3, "network", "did you mean `networks`?"));
}

#[test]
fn a_key_that_the_tool_is_too_old_for_is_no_typing_error() {
    let file = "services:\n  app:\n    post_start: []\n    healthcheck: { start_interval: 1s }\n    build:\n      \
                dockerfile_inline: x\n    depends_on:\n      db:\n        required: false\n        conditon: x\n";
    for (words, line, marked) in [
        (
            "Unsupported config option for services.app: 'post_start'",
            3,
            "post_start",
        ),
        (
            "services.app.healthcheck value 'start_interval' does not match any of the regexes: '^x-'",
            4,
            "start_interval",
        ),
        (
            "services.app.build contains unsupported option: 'dockerfile_inline'",
            6,
            "dockerfile_inline",
        ),
        (
            "services.app.depends_on contains unsupported option: 'required'",
            9,
            "required",
        ),
    ] {
        marks(file, &[words], (line, marked, ""));
    }
    let words = ["services.app.depends_on contains unsupported option: 'conditon'"];
    marks(file, &words, (10, "conditon", "did you mean `condition`?"));
}

#[test]
fn a_mistyped_word_of_few_and_a_key_of_a_network_are_told_with_what_is_meant() {
    let file = "services:\n  app:\n    depends_on:\n      db:\n        condition: service_heathy\n\
                networks:\n  back: { intrenal: true }\n";
    let words = [
        "services.app.depends_on.db.condition contains \"service_heathy\", which is an invalid type, it should be a \
         service_started, service_healthy, or a service_completed_successfully",
        "validating /x/c.yml: services.app.depends_on.db.condition must be one of \"service_started\", \"service_healthy\"",
    ];
    marks(
        file,
        &words,
        (5, "condition", "did you mean `service_healthy`?"),
    );
    let words = [
        "networks.back value Additional properties are not allowed ('intrenal' was unexpected)",
        "validating /x/c.yml: networks.back additional properties 'intrenal' not allowed",
    ];
    marks(file, &words, (7, "intrenal", "did you mean `internal`?"));
}

#[test]
fn a_file_without_services_is_told_as_that() {
    let words = [
        "Unsupported config option for service: 'app'",
        "validating /x/c.yml:  additional properties 'service' not allowed",
    ];
    marks(
        "service:\n  app: {}\n",
        &words,
        (1, "service", "did you mean `services`?"),
    );
    let help = "it has no `services`: write them below that key";
    marks("web:\n  image: x\n", &words, (1, "web", help));
}

#[test]
fn a_value_of_another_type_is_marked() {
    let file = "services:\n  app:\n    image: [redis]\n    ports: 80\n";
    let words = [
        "services.app.image contains an invalid type, it should be a string",
        "validating /x/c.yml: services.app.image must be a string",
    ];
    marks(file, &words, (3, "image", ""));
    let words = [
        "services.app.ports contains an invalid type, it should be an array",
        "validating /x/c.yml: services.app.ports must be a array",
    ];
    marks(file, &words, (4, "ports", ""));
}

#[test]
fn what_nothing_is_called_is_marked_where_it_is_named() {
    let file = "services:\n  app:\n    depends_on: [databse]\n    networks: [bakc]\n    volumes: ['dta:/x']\n  \
                web:\n    network_mode: service:ap\n  database: {}\nnetworks: { back: {} }\nvolumes: { data: {} }\n";
    let words = [
        "Service 'app' depends on service 'databse' which is undefined.",
        "service \"app\" depends on undefined service \"databse\": invalid compose project",
    ];
    marks(file, &words, (3, "databse", "did you mean `database`?"));
    let words = [
        "Service \"app\" uses an undefined network \"bakc\"",
        "service \"app\" refers to undefined network bakc: invalid compose project",
    ];
    marks(file, &words, (4, "bakc", "did you mean `back`?"));
    let words = [
        "Named volume \"dta:/x:rw\" is used in service \"app\" but no declaration was found in the volumes section.",
        "service \"app\" refers to undefined volume dta: invalid compose project",
    ];
    marks(file, &words, (5, "'dta:/x'", "did you mean `data`?"));
    let words = ["service \"web\" depends on undefined service \"ap\": invalid compose project"];
    marks(file, &words, (7, "network_mode", "did you mean `app`?"));
}

#[test]
fn services_that_wait_for_each_other_are_marked_at_the_same_place_each_time() {
    let file = "services:\n  c: { depends_on: [app] }\n  app:\n    links: ['b:x']\n  b: { depends_on: { c: {} } }\n";
    let words = [
        "Circular dependency between c and app and b",
        "Circular dependency between app and b and c",
        "dependency cycle detected: c -> app -> b -> c",
        "the services `app`, `b`, `c` wait for each other, so that none of them could be started first",
    ];
    let help = "none of them could be started first: take out what one does not need";
    marks(file, &words, (4, "'b:x'", help));
}

#[test]
fn a_port_that_none_can_have_and_a_service_without_an_image_are_marked() {
    let file = "services:\n  app:\n    ports: ['99999:80', '80:70000']\n";
    let help = "a port is a number from 1 to 65535";
    marks(file, &["Invalid hostPort: 99999"], (3, "'99999:80'", help));
    marks(
        file,
        &["Invalid containerPort: 70000"],
        (3, "'80:70000'", help),
    );
    let own = ["a port of the service `app` is not understood: 80:70000"];
    marks(file, &own, (3, "'80:70000'", help));
    let words = [
        "service \"app\" has neither an image nor a build context specified: invalid compose project",
        "Service app has neither an image nor a build context specified. At least one must be provided.",
    ];
    marks(file, &words, (2, "app", "say which by `image` or `build`"));
}

#[test]
fn of_what_is_not_known_nothing_is_said() {
    let (mut sources, mut roots) = (Sources::default(), Roots::default());
    roots.add(&mut sources, "c.yml", "services: { app: { image: x } }\n");
    assert_eq!(wrong("no such thing", &roots), None);
    assert_eq!(wrong("Service 'x' is undefined", &roots), None);
}
