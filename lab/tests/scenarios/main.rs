//! Every scenario breaks a working network in one way, runs `kmsdoctor check`, demands the cause as first finding,
//! repairs the fault in the same network and demands health. What the run saved has to say the same elsewhere.

mod clock;
mod coverage;
mod dns;
mod health;
mod hosts;
mod line;
mod sweep;
mod together;
mod world;

use std::process::ExitCode;

use kmsdoctor_lab::Trial;

fn main() -> ExitCode {
    kmsdoctor_lab::run(TRIALS)
}

const TRIALS: &[Trial] = &[
    Trial { name: "every-cause-has-a-scenario", run: coverage::every_cause_has_a_scenario },
    Trial { name: "healthy", run: health::healthy },
    Trial { name: "healthy-ipv6-only", run: health::healthy_ipv6_only },
    Trial { name: "ipv6-only-segment", run: health::ipv6_only_segment },
    Trial { name: "japanese-report", run: health::japanese_report },
    Trial { name: "configured-resolver", run: dns::configured_resolver },
    Trial { name: "srv-missing", run: dns::srv_missing },
    Trial { name: "srv-stale-name-gone", run: dns::srv_stale_name_gone },
    Trial { name: "srv-stale-host-dead", run: dns::srv_stale_host_dead },
    Trial { name: "srv-stale-half-of-eight", run: dns::srv_stale_half_of_eight },
    Trial { name: "srv-wrong-port", run: dns::srv_wrong_port },
    Trial { name: "suffix-mismatch", run: dns::suffix_mismatch },
    Trial { name: "hosts-override", run: dns::hosts_override },
    Trial { name: "name-unresolvable", run: dns::name_unresolvable },
    Trial { name: "dns-silent", run: dns::dns_silent },
    Trial { name: "dns-stopped", run: dns::dns_stopped },
    Trial { name: "dns-failing", run: dns::dns_failing },
    Trial { name: "upstream-dead", run: dns::upstream_dead },
    Trial { name: "dnssec-expired", run: dns::dnssec_expired },
    Trial { name: "split-horizon", run: dns::split_horizon },
    Trial { name: "port-dropped", run: hosts::port_dropped },
    Trial { name: "port-refused", run: hosts::port_refused },
    Trial { name: "port-rejected", run: hosts::port_rejected },
    Trial { name: "port-prohibited", run: hosts::port_prohibited },
    Trial { name: "return-path-dropped", run: hosts::return_path_dropped },
    Trial { name: "dropped-on-the-client", run: hosts::dropped_on_the_client },
    Trial { name: "forbidden-on-the-client", run: hosts::forbidden_on_the_client },
    Trial { name: "host-dead", run: hosts::host_dead },
    Trial { name: "host-unrouted", run: hosts::host_unrouted },
    Trial { name: "http-on-kms-port", run: hosts::http_on_kms_port },
    Trial { name: "nginx-on-kms-port", run: hosts::nginx_on_kms_port },
    Trial { name: "nginx-tls-on-kms-port", run: hosts::nginx_tls_on_kms_port },
    Trial { name: "samba-on-kms-port", run: hosts::samba_on_kms_port },
    Trial { name: "silence-on-kms-port", run: hosts::silence_on_kms_port },
    Trial { name: "other-rpc-service", run: hosts::other_rpc_service },
    Trial { name: "reset-after-accept", run: hosts::reset_after_accept },
    Trial { name: "close-after-accept", run: hosts::close_after_accept },
    Trial { name: "reset-on-the-path", run: hosts::reset_on_the_path },
    Trial { name: "middlebox-answers-for-all", run: hosts::middlebox_answers_for_all },
    Trial { name: "clock-five-hours-off", run: clock::clock_five_hours_off },
    Trial { name: "chrony-five-hours-off", run: clock::chrony_five_hours_off },
    Trial { name: "chrony-unsynchronised", run: clock::chrony_unsynchronised },
    Trial { name: "delay", run: line::delay },
    Trial { name: "loss", run: line::loss },
    Trial { name: "bind-slower-than-its-deadline", run: line::bind_slower_than_its_deadline },
    Trial { name: "host-dead-and-clock-off", run: together::host_dead_and_clock_off },
    Trial { name: "wrong-port-and-stale", run: together::wrong_port_and_stale },
    Trial { name: "dns-stopped-and-port-refused", run: together::dns_stopped_and_port_refused },
    Trial { name: "probe-whole-network", run: sweep::whole_network },
    Trial { name: "probe-whole-network-with-loss", run: sweep::whole_network_with_loss },
];
