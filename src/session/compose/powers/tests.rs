use std::path::Path;

use super::super::stack::Wish;
use super::*;
use crate::text::source::FileId;
use crate::text::yaml;

fn bounds() -> Bounds {
    Bounds::of(Path::new("/p/suites"), |dir| dir == Path::new("/p"))
}

/// What a service of this body asks for, with the rest of the file.
fn said(body: &str, rest: &str) -> Vec<String> {
    let text = format!("services: {{ web: {{ image: a, {body} }} }}\n{rest}");
    let config = super::super::config::plain(&yaml::parse(FileId(0), &text).0.unwrap());
    let wish = Wish {
        app: "web".to_owned(),
        ..Wish::default()
    };
    let stack = Stack::read(&config, &wish).unwrap();
    let all = asked(&stack, &bounds(), &|path| match path.to_str()? {
        "/p/link" => Some(PathBuf::from("/run/docker.sock")),
        "/p/linked/Dockerfile" => Some(PathBuf::from("/etc/x")),
        _ => Some(path.to_owned()),
    });
    all.iter()
        .map(|one| format!("{} {}", one.power, one.keys.join(".")))
        .collect()
}

#[test]
fn what_a_service_asks_for_is_known_with_its_keys() {
    for (body, power) in [
        ("privileged: true", "privileged services.web.privileged"),
        (
            "use_api_socket: true",
            "engine-socket services.web.use_api_socket",
        ),
        (
            "cap_add: [NET_RAW, SYS_TIME]",
            "cap_add=SYS_TIME services.web.cap_add",
        ),
        (
            "security_opt: ['apparmor:unconfined']",
            "security_opt=apparmor=unconfined services.web.security_opt",
        ),
        (
            "security_opt: [systempaths=unconfined]",
            "security_opt=systempaths=unconfined services.web.security_opt",
        ),
        (
            "devices: ['/dev/kvm:/dev/kvm']",
            "devices=/dev/kvm services.web.devices",
        ),
        (
            "devices: [{ source: /dev/mem, target: /x }]",
            "devices=/dev/mem services.web.devices",
        ),
        (
            "device_cgroup_rules: ['c 1:3 mr']",
            "devices=c 1:3 mr services.web.device_cgroup_rules",
        ),
        ("gpus: all", "devices=gpus services.web.gpus"),
        (
            "deploy: { resources: { reservations: { devices: [{ count: 1 }] } } }",
            "devices=reserved services.web.deploy",
        ),
        (
            "network_mode: host",
            "network_mode=host services.web.network_mode",
        ),
        ("pid: host", "pid=host services.web.pid"),
        ("ipc: host", "ipc=host services.web.ipc"),
        ("uts: host", "uts=host services.web.uts"),
        ("cgroup: host", "cgroup=host services.web.cgroup"),
        (
            "userns_mode: host",
            "userns_mode=host services.web.userns_mode",
        ),
        ("cgroup_parent: /", "cgroup=/ services.web.cgroup_parent"),
        ("runtime: nvidia", "runtime=nvidia services.web.runtime"),
        (
            "oom_score_adj: -900",
            "oom_score_adj=-900 services.web.oom_score_adj",
        ),
        ("pids_limit: -1", "pids_limit=-1 services.web.pids_limit"),
        (
            "deploy: { resources: { limits: { pids: 9000 } } }",
            "pids_limit=9000 services.web.deploy",
        ),
        (
            "logging: { driver: syslog }",
            "driver=syslog services.web.logging",
        ),
        ("volumes: ['/etc:/e']", "bind=/etc services.web.volumes./e"),
        (
            "volumes: [{ type: bind, source: /p/link, target: /s }]",
            "engine-socket services.web.volumes./s",
        ),
        (
            "volumes: [{ type: cluster, source: x, target: /s }]",
            "key=volumes.type=cluster services.web.volumes",
        ),
        (
            "credential_spec: { file: x }",
            "key=credential_spec services.web.credential_spec",
        ),
        ("brand_new: 1", "key=brand_new services.web.brand_new"),
        (
            "oom_kill_disable: true",
            "key=oom_kill_disable services.web.oom_kill_disable",
        ),
    ] {
        assert_eq!(said(body, ""), [power], "{body}");
    }
}

#[test]
fn what_is_told_to_runtimes_and_what_may_be_a_link_by_then_is_asked_for() {
    for (body, power) in [
        (
            "userns_mode: keep-id",
            "userns_mode=keep-id services.web.userns_mode",
        ),
        (
            "pid: 'ns:/proc/1/ns/pid'",
            "pid=ns:/proc/1/ns/pid services.web.pid",
        ),
        (
            "annotations: { org.opencontainers.image.title: x, run.oci.hooks.stdout: y }",
            "key=annotations.run.oci.hooks.stdout services.web.annotations",
        ),
        (
            "annotations: ['org.systemd.property.SuccessAction=x']",
            "key=annotations.org.systemd.property.SuccessAction services.web.annotations",
        ),
        (
            "logging: { driver: json-file, options: { max-size: 10m, path: /etc/cron.d/x } }",
            "driver=log-opt:path services.web.logging",
        ),
        (
            "volumes: ['/p/data:/d', '/p/data/sub:/s:ro']",
            "nested-bind=/p/data/sub services.web.volumes./s",
        ),
    ] {
        assert_eq!(said(body, ""), [power], "{body}");
    }
}

#[test]
fn what_volumes_networks_and_files_lead_to_is_looked_at() {
    for (body, rest, power) in [
        (
            "volumes: ['v:/v']",
            "volumes: { v: { driver: local, driver_opts: { type: none, o: bind, device: /etc } } }",
            "bind=/etc volumes.v.driver_opts",
        ),
        (
            "volumes: ['v:/v']",
            "volumes: { v: { driver_opts: { type: nfs, o: addr=10.0.0.1, device: ':/x' } } }",
            "driver=nfs volumes.v.driver_opts",
        ),
        (
            "volumes: ['v:/v']",
            "volumes: { v: { driver: rexray } }",
            "driver=rexray volumes.v.driver",
        ),
        (
            "networks: [n]",
            "networks: { n: { driver: macvlan } }",
            "driver=macvlan networks.n.driver",
        ),
        (
            "networks: [n]",
            "networks: { n: { driver_opts: { com.docker.network.bridge.name: docker0 } } }",
            "driver=com.docker.network.bridge.name networks.n.driver_opts",
        ),
        // The kernel takes no notice of the kind of what is bound.
        (
            "volumes: ['v:/v']",
            "volumes: { v: { driver_opts: { type: tmpfs, o: 'size=1,bind', device: /etc } } }",
            "bind=/etc volumes.v.driver_opts",
        ),
        (
            "volumes: ['v:/v']",
            "volumes: { v: { driver_opts: { type: overlay, o: 'lowerdir=/:/etc', device: /p/x } } }",
            "driver=overlay volumes.v.driver_opts",
        ),
        (
            "volumes: ['v:/v', '/p/data/sub:/s']",
            "volumes: { v: { driver_opts: { type: none, o: bind, device: /p/data } } }",
            "nested-bind=/p/data/sub services.web.volumes./s",
        ),
        (
            "networks: [n]",
            "networks: { n: { driver_opts: { com.docker.network.bridge.gateway_mode_ipv4: routed } } }",
            "driver=com.docker.network.bridge.gateway_mode_ipv4 networks.n.driver_opts",
        ),
        (
            "networks: { n: { ipv4_address: 140.82.112.5 } }",
            "networks: { n: { ipam: { config: [{ subnet: 140.82.112.0/20 }] } } }",
            "driver=140.82.112.0/20 networks.n.ipam",
        ),
        (
            "networks: { n: { ipv4_address: 10.9.0.5 } }",
            "networks: { n: { ipam: { driver: other, config: [{ subnet: 10.9.0.0/24 }] } } }",
            "driver=other networks.n.ipam",
        ),
        (
            "secrets: [s]",
            "secrets: { s: { file: /etc/shadow } }",
            "bind=/etc/shadow secrets.s.file",
        ),
        (
            "configs: [s]",
            "configs: { s: { file: /etc/shadow } }",
            "bind=/etc/shadow configs.s.file",
        ),
    ] {
        assert_eq!(said(body, rest), [power], "{body} {rest}");
    }
}

#[test]
fn a_build_reads_what_lies_in_the_project() {
    for (build, power) in [
        ("/home/me", "read=/home/me services.web.build.context"),
        (
            "{ context: /p/a, dockerfile: ../../etc/x }",
            "read=/etc/x services.web.build.dockerfile",
        ),
        (
            "{ context: /p/a, additional_contexts: { m: /etc } }",
            "read=/etc services.web.build.additional_contexts",
        ),
        (
            "{ context: /p/a, additional_contexts: [m=/etc, n=service:x] }",
            "read=/etc services.web.build.additional_contexts",
        ),
        (
            "{ context: /p/a, network: host }",
            "build=network:host services.web.build.network",
        ),
        (
            "{ context: /p/a, privileged: true }",
            "build=privileged services.web.build.privileged",
        ),
        (
            "{ context: /p/a, ssh: [default] }",
            "build=ssh services.web.build.ssh",
        ),
        (
            "{ context: /p/a, entitlements: [security.insecure] }",
            "build=security.insecure services.web.build.entitlements",
        ),
        (
            "{ context: /p/a, cache_to: ['type=local,dest=/x'] }",
            "build=cache_to services.web.build.cache_to",
        ),
        (
            "{ context: /p/a, cache_to: [registry/app] }",
            "build=cache_to services.web.build.cache_to",
        ),
        (
            "{ context: /p/a, cache_from: ['TYPE=local,src=/x'] }",
            "build=cache_from services.web.build.cache_from",
        ),
        (
            "{ context: /p/a, additional_contexts: { m: 'oci-layout:///etc' } }",
            "build=oci-layout:///etc services.web.build.additional_contexts",
        ),
        ("/p/linked", "read=/etc/x services.web.build.dockerfile"),
        (
            "{ context: /p/a, brand_new: 1 }",
            "key=build.brand_new services.web.build.brand_new",
        ),
        (
            "{ context: /p/a, secrets: [s] }",
            "read=/etc/shadow services.web.build.secrets",
        ),
    ] {
        let all = said(
            &format!("build: {build}"),
            "secrets: { s: { file: /etc/shadow } }",
        );
        assert_eq!(all, [power], "{build}");
    }
}

#[test]
fn what_services_have_as_a_rule_asks_for_nothing() {
    let body = "build: { context: /p/a, dockerfile: D, args: { A: 1 }, target: t, cache_from: [a:1] }, cap_drop: [ALL], \
                cap_add: [NET_BIND_SERVICE], ports: ['80:80'], volumes: ['/p/data:/d:ro', 'v:/v', /x], ipc: shareable, \
                security_opt: ['no-new-privileges:true'], read_only: true, deploy: { resources: { limits: { cpus: '1' } } }, \
                logging: { driver: json-file }, networks: [n], environment: { A: b }, restart: always, privileged: false, \
                healthcheck: { test: [CMD, x] }, x-own: 1, init: true, gpus: null, oom_kill_disable: false";
    let rest = "volumes: { v: { driver: local, driver_opts: { type: tmpfs, device: tmpfs } } }\n\
                networks: { n: { driver: bridge, internal: true } }";
    assert_eq!(said(body, rest), [""; 0]);
}
