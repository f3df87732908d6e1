//! The search for changes: rounds of faults and operations until every path that can be helped reaches KMS.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::change::azure::topology::Topology;
use crate::change::{Advice, Change, Operation, PathName, Reason, Refusal, Risk, apply_all, aws, azure, google, safe};
use crate::path::AllowanceLoss;
use crate::{Fault, Missing, Outcome, Path, Provider, Resource, Stage, Verdict};

/// A path that is led another way meets new stations there: firewall, its route, the way out. More rounds find nothing new.
const ROUNDS: usize = 5;
/// Each attempt leaves out what the one before refused.
const ATTEMPTS: usize = 8;
/// So many changes are each tried alone; more are tried together, since each trial judges all of the exports.
const ALONE_MAX: usize = 16;

/// See [`crate::change::of`].
pub(super) fn of(resources: &[Resource], paths: &[Path]) -> Advice {
    let mut refused = BTreeMap::new();
    let mut open = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        match path.verdict() {
            Verdict::Reaches => {}
            Verdict::Blocked => open.push(index),
            Verdict::CannotTell => drop(refused.insert(index, Reason::Unknown(missing(path)))),
        }
    }
    let mut plan = Plan::default();
    for _ in 0..ATTEMPTS {
        let failed;
        (plan, failed) = Plan::make(resources, paths, &open);
        if failed.is_empty() {
            break;
        }
        open.retain(|index| !failed.contains_key(index));
        refused.extend(failed);
        plan = Plan::default();
    }
    let drafts = plan.changes(resources, paths);
    let changes = tried(resources, paths, drafts, &mut refused);
    for index in open {
        let is_helped = changes.iter().any(|draft| draft.helped.contains(&index));
        if !is_helped {
            refused.entry(index).or_insert(Reason::NotEnough);
        }
    }
    Advice { changes: changes.into_iter().map(|draft| draft.change).collect(), refusals: refusals(paths, refused) }
}

fn missing(path: &Path) -> Vec<Missing> {
    let missing: BTreeSet<&Missing> = path.missing().collect();
    missing.into_iter().cloned().collect()
}

/// Refusals for one and the same reason are told once.
fn refusals(paths: &[Path], refused: BTreeMap<usize, Reason>) -> Vec<Refusal> {
    let mut places: HashMap<Reason, usize> = HashMap::new();
    let mut refusals: Vec<Refusal> = Vec::new();
    for (index, reason) in refused {
        let place = *places.entry(reason.clone()).or_insert_with(|| {
            refusals.push(Refusal { paths: Vec::new(), reason });
            refusals.len() - 1
        });
        refusals[place].paths.push(PathName::from(&paths[index]));
    }
    refusals
}

/// A change with the paths that it promises, by their place.
pub(super) struct Draft {
    pub(super) change: Change,
    pub(super) helped: Vec<usize>,
}

/// Those of the drafts that do what they promise and nothing else.
fn tried(
    resources: &[Resource],
    paths: &[Path],
    drafts: Vec<Draft>,
    refused: &mut BTreeMap<usize, Reason>,
) -> Vec<Draft> {
    let together = (drafts.len() > ALONE_MAX).then(|| safe::check(resources, paths, &drafts));
    let mut safe = Vec::new();
    for draft in drafts {
        let outcome = together.clone().unwrap_or_else(|| safe::check(resources, paths, std::slice::from_ref(&draft)));
        match outcome {
            Ok(()) => safe.push(draft),
            Err(reason) => refused.extend(draft.helped.iter().map(|index| (*index, reason.clone()))),
        }
    }
    safe
}

/// All operations, and which paths need which.
#[derive(Default)]
struct Plan {
    operations: Vec<Operation>,
    places: HashMap<String, usize>,
    needs: BTreeMap<usize, BTreeSet<usize>>,
}

impl Plan {
    /// A plan for the open paths, and those of them that have to be left out.
    fn make(resources: &[Resource], paths: &[Path], open: &[usize]) -> (Self, BTreeMap<usize, Reason>) {
        let mut plan = Self::default();
        let mut failed = BTreeMap::new();
        let mut model = Cow::Borrowed(resources);
        let mut current = Cow::Borrowed(paths);
        for _ in 0..ROUNDS {
            if !plan.round(&model, &current, open, &mut failed) {
                break;
            }
            model = Cow::Owned(apply_all(&plan.operations, resources));
            current = Cow::Owned(crate::paths(&model));
            if current.len() != paths.len() {
                return (plan, open.iter().map(|index| (*index, Reason::ChangesMore)).collect());
            }
        }
        for index in open {
            if current[*index].verdict() != Verdict::Reaches {
                failed.entry(*index).or_insert(Reason::NotEnough);
            }
        }
        (plan, failed)
    }

    /// Adds what the paths need as they are now; whether anything is new.
    fn round(
        &mut self,
        model: &[Resource],
        current: &[Path],
        open: &[usize],
        failed: &mut BTreeMap<usize, Reason>,
    ) -> bool {
        let topology = Topology::new(model);
        let mut is_new = false;
        for index in open.iter().filter(|index| current[**index].verdict() != Verdict::Reaches) {
            if failed.contains_key(index) {
                continue;
            }
            match operations(&topology, model, &current[*index]) {
                Ok(operations) => {
                    for operation in operations {
                        let (place, changed) = self.take(operation);
                        self.needs.entry(*index).or_default().insert(place);
                        is_new |= changed;
                    }
                }
                Err(reason) => drop(failed.insert(*index, reason)),
            }
        }
        is_new
    }

    /// The place of an operation, joined with one at the same resource; whether that one became another by it.
    fn take(&mut self, operation: Operation) -> (usize, bool) {
        let next = self.operations.len();
        let place = *self.places.entry(operation.key()).or_insert(next);
        if place == next {
            self.operations.push(operation);
            return (place, true);
        }
        (place, self.operations[place].absorb(&operation))
    }

    /// Operations at one resource, and those that some path needs together, as changes.
    fn changes(mut self, resources: &[Resource], paths: &[Path]) -> Vec<Draft> {
        let topology = Topology::new(resources);
        let met: Vec<BTreeSet<String>> = self
            .operations
            .iter()
            .map(|operation| operation.meeting(&topology, resources).into_iter().collect())
            .collect();
        self.link(paths, &met);
        let mut groups = Groups::new(self.operations.len());
        let mut of_resource: HashMap<&str, usize> = HashMap::new();
        for (place, operation) in self.operations.iter().enumerate() {
            if let Some(resource) = operation.resource() {
                groups.join(*of_resource.entry(resource).or_insert(place), place);
            }
        }
        for places in self.needs.values() {
            let mut places = places.iter();
            let Some(first) = places.next() else { continue };
            places.for_each(|place| groups.join(*first, *place));
        }
        let mut drafts: Vec<Draft> = Vec::new();
        let mut of_group: HashMap<usize, usize> = HashMap::new();
        for (index, places) in &self.needs {
            let Some(first) = places.first() else { continue };
            let group = groups.root(*first);
            let draft = *of_group.entry(group).or_insert_with(|| {
                drafts.push(Draft { change: Change::new(paths[*index].provider), helped: Vec::new() });
                drafts.len() - 1
            });
            drafts[draft].helped.push(*index);
        }
        for (place, operation) in self.operations.into_iter().enumerate() {
            let Some(draft) = of_group.get(&groups.root(place)).map(|draft| &mut drafts[*draft]) else { continue };
            draft.change.touches.extend(met[place].iter().cloned());
            draft.change.operations.push(operation);
        }
        for draft in &mut drafts {
            draft.finish(paths);
        }
        drafts
    }

    /// A path also needs what another one needs at a place that both meet: it may have found it open only by that.
    fn link(&mut self, paths: &[Path], met: &[BTreeSet<String>]) {
        let mut of_machine: HashMap<String, Vec<usize>> = HashMap::new();
        for index in self.needs.keys() {
            let path = &paths[*index];
            let name = path.machine.as_deref().unwrap_or(&path.interface);
            of_machine.entry(name.to_ascii_lowercase()).or_default().push(*index);
        }
        for (place, machines) in met.iter().enumerate() {
            let machines = machines.iter().map(|machine| machine.to_ascii_lowercase());
            for index in machines.filter_map(|machine| of_machine.get(&machine)).flatten() {
                if self.operations[place].is_for(paths[*index].destination.address) {
                    self.needs.entry(*index).or_default().insert(place);
                }
            }
        }
    }
}

fn operations(topology: &Topology, resources: &[Resource], path: &Path) -> Result<Vec<Operation>, Reason> {
    match path.provider {
        Provider::Azure => {
            let operations = azure::find::operations(topology, path)?;
            Ok(operations.into_iter().map(Operation::Azure).collect())
        }
        Provider::GoogleCloud => {
            let operations = google::operations(resources, path)?;
            Ok(operations.into_iter().map(Operation::Google).collect())
        }
        Provider::Aws => Ok(aws::operations(resources, path)?.into_iter().map(Operation::Aws).collect()),
    }
}

impl Draft {
    /// Adds what follows from operations and paths.
    fn finish(&mut self, paths: &[Path]) {
        let helped = || self.helped.iter().map(|index| &paths[*index]);
        let helps: BTreeSet<PathName> = helped().map(PathName::from).collect();
        let names = helps.iter().flat_map(|path| [path.machine.as_deref(), Some(path.interface.as_str())]);
        let names: BTreeSet<String> = names.flatten().map(str::to_ascii_lowercase).collect();
        let met: BTreeSet<String> = self.change.touches.drain(..).collect();
        self.change.touches = met.into_iter().filter(|label| !names.contains(&label.to_ascii_lowercase())).collect();
        let mut risks: BTreeSet<Risk> = self.change.operations.iter().flat_map(Operation::risks).collect();
        risks.extend(helped().flat_map(risks_of_path));
        if self.change.operations.iter().any(Operation::is_route) && helped().any(is_inspected) {
            risks.insert(Risk::PastInspection);
        }
        self.change.helps = helps.into_iter().collect();
        self.change.risks = risks.into_iter().collect();
    }
}

/// Whether the path is led to something that looks at packets, or that its owner wants them to pass.
fn is_inspected(path: &Path) -> bool {
    path.hops.iter().any(|hop| match &hop.outcome {
        Outcome::Blocks(Fault::RouteToGateway) | Outcome::Unknown(Missing::Appliance(_)) => true,
        _ => hop.stage == Stage::Firewall,
    })
}

fn risks_of_path(path: &Path) -> Vec<Risk> {
    let on_purpose = path.faults().filter(|(_, fault)| {
        matches!(fault, Fault::RuleDenies(Some(AllowanceLoss::LicenceTag)) | Fault::RouteToNowhere)
    });
    let element = |hop: &crate::Hop| hop.rule.clone().unwrap_or_else(|| hop.name.clone());
    on_purpose.map(|(hop, _)| Risk::OnPurpose { element: element(hop) }).collect()
}

/// Which operations belong together (union-find).
struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    fn new(count: usize) -> Self {
        Self { parents: (0..count).collect() }
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] != place {
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (first, second) = (one.min(other), one.max(other));
        self.parents[second] = first;
    }
}
