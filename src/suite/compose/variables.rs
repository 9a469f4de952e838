//! Variables that a Compose tool goes by itself, or what it starts: which program runs, what is loaded into it, which
//! engine it speaks with, where its settings lie. Pure.

use std::collections::BTreeSet;

use crate::suite::grant::{Kind, Power};

/// Their names. What logs in to registries is started too, be it written for a shell, Python, Perl, Node or Go: by some of
/// these it runs programs, takes libraries, reads files and sends what they hold.
const NAMES: [&str; 112] = [
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_DATA_PATH",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AZURE_CONFIG_DIR",
    "AZURE_EXTENSION_DIR",
    "BASH_ENV",
    "BROWSER",
    "COMPOSE_ENV_FILES",
    "CURL_CA_BUNDLE",
    "CURL_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DOCKER_AUTH_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_CUSTOM_HEADERS",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOTNET_ADDITIONAL_DEPS",
    "DOTNET_SHARED_STORE",
    "DOTNET_STARTUP_HOOKS",
    "EDITOR",
    "GCONV_PATH",
    "GETCONF_DIR",
    "GIO_EXTRA_MODULES",
    "GIO_MODULE_DIR",
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
    "GNUPGHOME",
    "GNUTLS_SYSTEM_PRIORITY_FILE",
    "GODEBUG",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
    "GPG_AGENT_INFO",
    "HOME",
    "HOSTALIASES",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "KRB5_CONFIG",
    "KUBECONFIG",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCPATH",
    "NETRC",
    "NLSPATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PAGER",
    "PATH",
    "PERLLIB",
    "PINENTRY_USER_DATA",
    "PS4",
    "PYTHONBREAKPOINT",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "PYTHON_PRESITE",
    "REQUESTS_CA_BUNDLE",
    "RESOLV_HOST_CONF",
    "RUBYLIB",
    "RUBYOPT",
    "SASL_CONF_PATH",
    "SASL_PATH",
    "SHELL",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "SSH_ASKPASS_REQUIRE",
    "SSH_AUTH_SOCK",
    "SSH_PKCS11_HELPER",
    "SSH_SK_HELPER",
    "SSH_SK_PROVIDER",
    "SSLKEYLOGFILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SUDO_ASKPASS",
    "TMPDIR",
    "VISUAL",
    "WGETRC",
    "ZDOTDIR",
];
/// What others of them begin with.
const STARTS: [&str; 15] = [
    "BASH_FUNC_",
    "BUILDX_",
    "CLOUDSDK_",
    "CORECLR_",
    "COR_",
    "DOCKER_CLI_PLUGIN",
    "DYLD_",
    "GIT_CONFIG",
    "GIT_TRACE",
    "LD_",
    "OPENSSL_",
    "PASSWORD_STORE_",
    "PERL5",
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
    let (mut line, mut counted) = (1, 0);
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
        // Each part is looked at once, however many there are.
        let new = rest.as_bytes().get(counted..).unwrap_or_default();
        line += new.split(|byte| *byte == b'\n').count().saturating_sub(1);
        counted = counted.max(rest.len());
        if told.insert((line, power.value.clone())) {
            all.push((line, power));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::pace::grows;

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
            "CLOUDSDK_PYTHON",
            "CLOUDSDK_CONFIG",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GNUPGHOME",
            "PASSWORD_STORE_EXTENSIONS_DIR",
            "PERL5OPT",
            "JAVA_TOOL_OPTIONS",
            "CORECLR_PROFILER_PATH",
            "DOTNET_STARTUP_HOOKS",
            "NODE_OPTIONS",
            "SHELL",
            "SSH_PKCS11_HELPER",
            "DBUS_SESSION_BUS_ADDRESS",
            "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND",
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
            "AWS_REGION",
            "AWS_ACCESS_KEY_ID",
            "ENV",
            "NODE_ENV",
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
    fn each_part_of_a_file_is_looked_at_once() {
        for line in ["PATH=x\n", "PATH='x' ", "=:= \t\n", "export A\n", "\"' \n"] {
            let of = |count: usize| line.repeat(count);
            grows(line, 2_000, of, |text| drop(asked(&text)));
        }
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
