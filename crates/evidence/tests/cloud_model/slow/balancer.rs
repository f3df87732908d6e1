//! An organisation's own KMS host behind a load balancer.

use crate::world::{Balancer, BalancerRule, World};

use super::{Fault, Judged, PORT, Stage, Step, verdict};

/// A path for each load balancer that has a rule for the port.
pub(crate) fn judge(world: &World) -> Vec<Judged> {
    let mut judged = Vec::new();
    for balancer in world.balancers() {
        let asks_for_kms = |rule: &&BalancerRule| rule.has_probe && balancer.probe == PORT;
        let is_for_kms = |rule: &&BalancerRule| rule.front_port == PORT || (rule.front_port == 0 && asks_for_kms(rule));
        let rule = balancer.rules.iter().find(is_for_kms);
        if let (Some(rule), Some(front)) = (rule, balancer.front) {
            judged.push(verdict(balancer.name.clone(), front, vec![(Stage::Balancer, step(balancer, rule))]));
        }
    }
    judged
}

fn step(balancer: &Balancer, rule: &BalancerRule) -> Step {
    let back_port = if rule.back_port == 0 { PORT } else { rule.back_port };
    let mut faults = Vec::new();
    if !rule.protocol.takes_tcp() || balancer.pool.is_empty() {
        faults.push(Fault::BalancerWithoutRule);
    }
    if rule.has_probe && balancer.probe != back_port {
        faults.push(Fault::BalancerProbe);
    }
    match (faults.is_empty(), back_port == PORT) {
        (false, _) => Step::Blocks(faults),
        (true, true) => Step::Passes,
        (true, false) => Step::Unknown,
    }
}
