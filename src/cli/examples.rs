//! What the help of each command ends with. A test in `cli.rs` has the command read every line of it.

pub const INIT: &str = "\
Examples:
  seaworthy init                                of what is in this folder, to suites/NAME.yaml
  seaworthy init services/api/Dockerfile        of the image that this one builds
  seaworthy init --image postgres:15 -o -       of an image by its name, to standard output
  seaworthy init --container web                of a container that runs, which is left as it is
  seaworthy init docker-compose.yml --app web   of a Compose file";

pub const RUN: &str = "\
Examples:
  seaworthy run                                     every suite below suites/
  seaworthy run suites/shop --filter upgrade        cases with `upgrade` in their name
  seaworthy run --image registry/app:1.2            judge what CI built, by a tag or a digest
  seaworthy run --report reports --require-all      as for a release, with an acceptance sheet
  seaworthy run --keep --filter 'shop::starts'      leave the containers of what failed to look at
  seaworthy run --shard 2/3 --report shard-2        the second of three parts, for `merge`
  seaworthy run --retries 2 --strict                tell what passes only when it is run again
  seaworthy run --watch suites/shop                 again and again, as files change
  seaworthy run --rerun-failed reports              only what did not pass then
  seaworthy run --format tap > run.tap              for what reads TAP";

pub const MERGE: &str = "\
Examples:
  seaworthy merge shard-1 shard-2 --report whole    the reports of the run that these are together
  seaworthy merge shard-1 shard-2 --require-all     fails where something is not verified";

pub const CHECK: &str = "\
Examples:
  seaworthy check                   every suite below suites/, without an engine
  seaworthy check suites/shop.yaml  one of them";

pub const LINT: &str = "\
Examples:
  seaworthy lint                                every Dockerfile below this folder
  seaworthy lint Dockerfile --level error       only what does not build or do what is written
  seaworthy lint --except missing-healthcheck   without one rule
  seaworthy lint --list                         all rules in a line each";

pub const LIST: &str = "\
Examples:
  seaworthy list                    every case below suites/
  seaworthy list --requirements     what they verify
  seaworthy list suites/shop        the cases of some suites";

pub const PLAN: &str = "\
Examples:
  seaworthy plan                    what a run of suites/ would make, share and ask
  seaworthy plan suites/shop        of some of them";

pub const JUDGE: &str = "\
Examples:
  seaworthy judge reports                               a saved run, by its own suites
  seaworthy judge reports suites/shop                   by the suites as they are now
  seaworthy judge reports suites/shop --filter small    some of its cases";

pub const MUTATE: &str = "\
Examples:
  seaworthy mutate suites/shop                      tries every change there is
  seaworthy mutate suites/shop --list               shows what would be changed
  seaworthy mutate suites/shop --filter run.user    only some of it
  seaworthy mutate suites/shop --filter 'prod.yml db.'    only what the Compose file says of `db`
  seaworthy mutate --sample 20 --seed 7             twenty of all, the same for the same seed
  seaworthy mutate --in-diff changes.diff --minimum 95    what a merge request changes, as a gate";

pub const TRACE: &str = "\
Examples:
  seaworthy trace reports/report.json                   the acceptance sheet of a run
  seaworthy trace reports/report.json --require-all     fails where something is not verified

Exit codes: that of the run (0 all held, 1 a claim failed, 3 could not tell, 4 nothing ran, 130 interrupted); \
1 where --require-all is not met, 2 where this is no report, 4 where all is well and nothing is required.";

pub const EXPLAIN: &str = "\
Examples:
  seaworthy explain                 all claims, steps and settings in a line each
  seaworthy explain http            the page of a claim
  seaworthy explain lint            the rules for Dockerfiles";

pub const GC: &str = "\
Examples:
  seaworthy gc                      what runs left behind that were killed
  seaworthy gc --kept               also what `--keep` left
  seaworthy gc --cache              also the images that suites built";

pub const DOCTOR: &str = "\
Examples:
  seaworthy doctor                                          the engine that a run would find
  seaworthy doctor --engine unix:///run/podman/podman.sock  one that is named";

pub const SCHEMA: &str = "\
Examples:
  seaworthy schema > suite.schema.json            for editors: `# yaml-language-server: $schema=…`
  seaworthy schema report > report.schema.json    for what reads `report.json`";
