//! Variables that a Compose tool goes by itself, or what it starts: which program runs, what is loaded into it, which
//! engine it speaks with, where its settings lie. Pure.

use std::collections::BTreeSet;

use crate::suite::grant::{Kind, Power};

/// Their names.
const NAMES: [&str; 59] = [
    "BASH_ENV",
    "COMPOSE_ENV_FILES",
    "CURL_CA_BUNDLE",
    "DOCKER_AUTH_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_CUSTOM_HEADERS",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "GCONV_PATH",
    "GETCONF_DIR",
    "GIT_ALLOW_PROTOCOL",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ASKPASS",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PAGER",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_NO_VERIFY",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
    "GLIBC_TUNABLES",
    "GODEBUG",
    "HOME",
    "HOSTALIASES",
    "LOCPATH",
    "NLSPATH",
    "PATH",
    "PS4",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "REQUESTS_CA_BUNDLE",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "SSH_ASKPASS_REQUIRE",
    "SSH_AUTH_SOCK",
    "SSLKEYLOGFILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
];
/// What others of them begin with.
const STARTS: [&str; 9] = [
    "BASH_FUNC_",
    "BUILDX_",
    "DYLD_",
    "GIT_CONFIG",
    "GIT_TRACE",
    "LD_",
    "OPENSSL_",
    "SEAWORTHY_",
    "XDG_",
];
/// One that is nothing in a file of variables, since the tool is told which files it reads.
const GIVEN: &str = "COMPOSE_FILE";

/// What a suite asks for that gives this variable to the tool.
pub fn given(name: &str) -> Option<Power> {
    match name {
        GIVEN => Some(Power::new(Kind::Variable, name)),
        _ => in_file(name),
    }
}

/// What a file of variables asks for that has this one.
fn in_file(name: &str) -> Option<Power> {
    let is_meant = NAMES.contains(&name) || STARTS.iter().any(|start| name.starts_with(start));
    is_meant.then(|| Power::new(Kind::Variable, name))
}

/// What a file of variables asks for, each with its line. Tools differ in what ends a value: some take a second
/// variable behind a closing quotation mark, so that one is looked for there too.
pub fn asked(text: &str) -> Vec<(usize, Power)> {
    let mut told = BTreeSet::new();
    let mut all = Vec::new();
    let text = text.trim_start_matches('\u{feff}');
    for (at, _) in text.match_indices(['=', ':']) {
        let before = text.get(..at).unwrap_or_default();
        let before = before.trim_end_matches(|c: char| c.is_whitespace() && c != '\n');
        let before = before.trim_end_matches(['\'', '"']);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '%';
        let rest = before.trim_end_matches(is_part);
        let Some(power) = before.get(rest.len()..).and_then(in_file) else {
            continue;
        };
        // Commas and the like before it make it a part of a value.
        let bare = rest.trim_end_matches(|c: char| c.is_whitespace() && c != '\n' && c != '\r');
        let bare = match bare.strip_suffix("export") {
            Some(start) if bare.len() < rest.len() => start.trim_end_matches([' ', '\t']),
            _ => bare,
        };
        if !bare.is_empty() && !bare.ends_with(['\n', '\r', '\'', '"']) {
            continue;
        }
        let line = 1 + rest.matches('\n').count();
        if told.insert((line, power.value.clone())) {
            all.push((line, power));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_a_tool_goes_by_are_asked_for_and_those_of_apps_are_not() {
        for name in [
            "PATH",
            "HOME",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "DOCKER_HOST",
            "DOCKER_CONFIG",
            "COMPOSE_ENV_FILES",
            "COMPOSE_FILE",
            "BUILDX_CONFIG",
            "XDG_CONFIG_HOME",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_GLOBAL",
            "PYTHONPATH",
            "PYTHONWARNINGS",
            "SEAWORTHY_OWNER",
            "OPENSSL_CONF",
            "BASH_FUNC_docker%%",
            "SSL_CERT_FILE",
        ] {
            let power = given(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(power.grant(), format!("variable={name}"));
        }
        for name in [
            "TAG",
            "GIT_SHA",
            "GIT_COMMIT",
            "DOCKER_TAG",
            "DOCKER_BUILDKIT",
            "DOCKER_DEFAULT_PLATFORM",
            "PYTHON_VERSION",
            "PYTHONUNBUFFERED",
            "OTEL_SERVICE_NAME",
            "COMPOSE_PROJECT_NAME",
            "COMPOSE_PROFILES",
            "HTTP_PROXY",
            "APP_PATH",
            "PATHS",
            "path",
        ] {
            assert_eq!(given(name), None, "{name}");
        }
        assert_eq!(in_file("COMPOSE_FILE"), None);
    }

    #[test]
    fn a_variable_is_found_in_a_file_however_it_is_written_there() {
        let seen = |text: &str| {
            let all = asked(text);
            let told = all
                .iter()
                .map(|(line, power)| format!("{line} {}", power.value));
            told.collect::<Vec<_>>().join(", ")
        };
        for (text, found) in [
            ("A=1\nPATH=./tools", "2 PATH"),
            ("\u{feff}PATH=x", "1 PATH"),
            ("  export\tHOME = x", "1 HOME"),
            ("A=1\r\nDOCKER_HOST: tcp://x", "2 DOCKER_HOST"),
            ("A=1\rHOME=x", "1 HOME"),
            ("'LD_PRELOAD'=x", "1 LD_PRELOAD"),
            ("A=\"x\" PATH=y", "1 PATH"),
            ("A='x'PATH=y", "1 PATH"),
            ("A=\"\nGIT_SSH=x\n\"", "2 GIT_SSH"),
            ("PATH=a\nPATH=b\nHOME=c", "1 PATH, 2 PATH, 3 HOME"),
            ("", ""),
            ("# PATH=x", ""),
            ("URL=https://x/?PATH=1", ""),
            ("OPTS=-DHOME=/x, PATH=1", ""),
            ("MY_PATH=x\nHOMES=y\nPATH\nCOMPOSE_FILE=x", ""),
        ] {
            assert_eq!(seen(text), found, "{text:?}");
        }
    }
}
