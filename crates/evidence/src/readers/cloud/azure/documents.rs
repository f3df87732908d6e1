//! JSON documents: lists with or without an envelope, single resources, templates.

use std::ops::Range;

use kmsdoctor_cloud::azure::{Body, EffectiveRoutes, EffectiveSecurityGroup, ResourceId, Route, SecurityRule};

use super::item::{self, Named};
use super::template::{self, Template};
use super::{Reader, Source, balancers, command, compute, firewall, network, routes, security};
use crate::readers::cloud::json::{self, Object, Part, Value};

/// Members of an envelope that hold the list.
const LISTS: [&str; 2] = ["value", "data"];
/// Members of an envelope that say that there is another page.
const MORE: [&str; 3] = ["nextlink", "skip_token", "$skiptoken"];
/// Depth of envelopes: the service that exports templates wraps them once.
const ENVELOPES_MAX: usize = 2;

/// What stands for itself in a list and belongs together.
#[derive(Default)]
struct Gathered {
    routes: Vec<Route>,
    rules: Vec<SecurityRule>,
    groups: Vec<(EffectiveSecurityGroup, Range<usize>)>,
    /// The interface that the command above names.
    interface: Option<ResourceId>,
    span: Range<usize>,
    /// There may be more of it.
    is_cut_off: bool,
}

impl<'a> Reader<'a> {
    /// Reads every JSON document of the text.
    pub(super) fn documents(&mut self) {
        let text = self.text;
        let mut at = 0;
        // Single objects are copies of parts of an answer: nobody says that they are all of it.
        let mut single = Gathered { is_cut_off: true, ..Gathered::default() };
        while let Some(start) = json::start(&text.joined, at) {
            let interface = command::above(&text.joined[at..start]);
            let end = json::skip(&text.joined, start);
            let parts = self.parts;
            if interface.is_some() && !single.span.is_empty() {
                let next = Gathered { is_cut_off: true, ..Gathered::default() };
                self.give(std::mem::replace(&mut single, next));
            }
            if text.joined[start..].starts_with('[') {
                self.list(start, Gathered { interface, ..Gathered::default() }, None);
            } else {
                single.interface = interface.or(single.interface.take());
                self.envelope(start, &mut single, ENVELOPES_MAX);
            }
            if let Ok(end) = end
                && self.parts > parts
            {
                self.found.lines.extend(text.whole_lines(&(start..end)));
            }
            at = end.unwrap_or_else(|far| far.max(start + 1));
        }
        self.give(single);
    }

    /// An object: an envelope with a list, a template, or itself what is described.
    fn envelope(&mut self, start: usize, single: &mut Gathered, depth: usize) {
        let text: &'a str = &self.text.joined;
        let is_object = |part: &Part<'_>| text[part.start..].starts_with('{');
        let (mut lists, mut is_cut_off, mut is_template) = (Vec::new(), false, false);
        let (mut parameters, mut variables, mut wrapped) = (None, None, None);
        let mut parts = json::members(text, start);
        for part in parts.by_ref() {
            let name = part.name.to_ascii_lowercase();
            if text[part.start..].starts_with('[') && (LISTS.contains(&name.as_str()) || name == "resources") {
                lists.push((name, part.start));
            } else if MORE.contains(&name.as_str()) {
                is_cut_off |= text[part.start..].starts_with('"');
            } else if name == "contentversion" {
                is_template = true;
            } else if name == "parameters" && is_object(&part) {
                parameters = tree(text, part.start);
            } else if name == "variables" && is_object(&part) {
                variables = tree(text, part.start);
            } else if name == "template" && is_object(&part) {
                wrapped = Some(part.start);
            }
        }
        is_cut_off |= !parts.is_whole;
        if !is_template {
            lists.retain(|(name, _)| name != "resources");
        }
        let template =
            is_template.then(|| Template::new(parameters.unwrap_or_default(), variables.unwrap_or_default()));
        if let Some(wrapped) = wrapped.filter(|_| depth > 0) {
            self.envelope(wrapped, single, depth - 1);
        } else if lists.is_empty() {
            let Some(object) = tree(text, start) else { return };
            single.span = if single.span.is_empty() { object.span.clone() } else { single.span.start..object.span.end };
            self.element(&object, Source::Text(self.text), single);
        }
        for (_, at) in lists {
            let interface = single.interface.clone();
            self.list(at, Gathered { interface, is_cut_off, ..Gathered::default() }, template.as_ref());
        }
    }

    /// Every element of a list.
    fn list(&mut self, start: usize, mut gathered: Gathered, template: Option<&Template<'a>>) {
        let text: &'a str = &self.text.joined;
        let mut parts = json::elements(text, start);
        let mut end = start + 1;
        let known = self.found.resources.len();
        for part in parts.by_ref() {
            end = part.end.unwrap_or_else(|far| far);
            let mut value = part.end.ok().and_then(|_| json::tree(text, part.start)).map(|(value, _)| value);
            match (&mut value, template) {
                (Some(value), Some(template)) => {
                    template.resolve(value);
                    if let Value::Object(object) = value {
                        self.resource(object, Source::Text(self.text), None);
                    }
                }
                (Some(Value::Object(object)), None) => self.element(object, Source::Text(self.text), &mut gathered),
                (Some(_), None) => {}
                (None, _) => {
                    gathered.is_cut_off = true;
                    // Which group is cut off does not show; any of its rules may decide.
                    if text[part.start..end].contains("ffectiveSecurityRules") {
                        gathered.groups.push((EffectiveSecurityGroup::default(), part.start..end));
                    }
                }
            }
        }
        gathered.is_cut_off |= !parts.is_whole;
        gathered.span = start..end;
        let is_cut_off = gathered.is_cut_off;
        self.give(gathered);
        self.found.is_cut_off |= is_cut_off && self.found.resources.len() > known;
    }

    /// What was gathered becomes resources.
    fn give(&mut self, gathered: Gathered) {
        let Gathered { mut routes, mut rules, groups, interface, span, is_cut_off } = gathered;
        let mut origin = self.text.origin(&span);
        // Where a list is cut off, its last words are what shows that.
        let end = self.text.origin(&(span.end.saturating_sub(1)..span.end));
        if !routes.is_empty() {
            if let Some(first) = routes.first().and_then(|route| route.origin.as_ref()) {
                origin.quote.clone_from(&first.quote);
            }
            if is_cut_off {
                routes.push(routes::cut_off(end.clone()));
            }
            let is_id = interface.as_ref().is_some_and(|id| id.as_str().contains('/'));
            let (id, name) = if is_id { (interface.clone(), None) } else { (None, interface.clone()) };
            let interface_name = name.map(|name| name.as_str().to_owned());
            self.put(Body::EffectiveRoutes(EffectiveRoutes { interface: id, interface_name, routes }), origin.clone());
        }
        if !rules.is_empty() {
            if is_cut_off {
                rules.push(security::cut_off(end.clone()));
            }
            let group =
                EffectiveSecurityGroup { interface: interface.clone(), rules, ..EffectiveSecurityGroup::default() };
            self.put(Body::EffectiveSecurityGroup(group), origin);
        }
        let at = groups.iter().find_map(|(group, _)| group.interface.clone()).or(interface);
        for (mut group, span) in groups {
            group.interface = group.interface.or_else(|| at.clone());
            if group.rules.is_empty() {
                group.rules.push(security::cut_off(end.clone()));
            }
            self.put(Body::EffectiveSecurityGroup(group), self.text.origin(&span));
        }
    }

    fn element(&mut self, object: &Object<'_>, source: Source<'_>, gathered: &mut Gathered) {
        if routes::is_effective(object) {
            if self.counts(1) {
                gathered.routes.push(routes::effective(object, source));
            }
        } else if item::get(object, "effectiveSecurityRules").is_some() {
            gathered.groups.push((security::effective_group(object, source), object.span.clone()));
        } else if kind_of(object).is_none() && security::is_rule(object) {
            if self.counts(1) {
                gathered.rules.push(security::effective_rule(object, source));
            }
        } else {
            self.resource(object, source, None);
        }
    }

    /// A resource, and in templates those in it. `of`: the one that it is in.
    pub(super) fn resource(&mut self, object: &Object<'_>, source: Source<'_>, of: Option<(&str, &Named)>) {
        let Some(kind) = kind_of(object).or_else(|| Some(format!("{}/{}", of?.0, type_of(object)?))) else { return };
        let named = named(object, &kind, of.map(|(_, named)| named));
        for child in item::objects(object, "resources") {
            self.resource(child, source, Some((&kind, &named)));
        }
        let has = |names: &[&str]| names.iter().any(|name| item::get(object, name).is_some());
        let body = match kind.as_str() {
            "microsoft.compute/virtualmachines" if has(&["networkProfile", "storageProfile"]) => {
                Body::VirtualMachine(compute::machine(object, named))
            }
            "microsoft.network/networkinterfaces"
            | "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"
                if has(&["ipConfigurations"]) =>
            {
                Body::NetworkInterface(network::interface(object, named))
            }
            "microsoft.network/virtualnetworks" if has(&["addressSpace"]) => {
                for subnet in item::objects(object, "subnets") {
                    let named = named.part(subnet, "subnets");
                    self.put(Body::Subnet(network::subnet(subnet, named)), source.origin(subnet));
                }
                Body::VirtualNetwork(network::network(object, named))
            }
            "microsoft.network/virtualnetworks/subnets" if has(&["addressPrefix", "addressPrefixes"]) => {
                Body::Subnet(network::subnet(object, named))
            }
            "microsoft.network/networksecuritygroups" if has(&["securityRules", "defaultSecurityRules"]) => {
                Body::SecurityGroup(security::group(object, named, source))
            }
            "microsoft.network/networksecuritygroups/securityrules"
            | "microsoft.network/networksecuritygroups/defaultsecurityrules"
                if security::is_rule(object) =>
            {
                return self.rule_of_group(object, &named, source);
            }
            "microsoft.network/routetables" if has(&["routes"]) => {
                Body::RouteTable(routes::table(object, named, source))
            }
            "microsoft.network/routetables/routes" if has(&["nextHopType"]) => {
                return self.route_of_table(object, &named, source);
            }
            "microsoft.network/publicipaddresses" if has(&["ipAddress", "publicIPAllocationMethod"]) => {
                Body::PublicAddress(network::public_address(object, named))
            }
            "microsoft.network/natgateways" if has(&["sku", "publicIpAddresses", "idleTimeoutInMinutes"]) => {
                Body::NatGateway(network::nat_gateway(object, named))
            }
            "microsoft.network/loadbalancers" if has(&["frontendIPConfigurations", "backendAddressPools"]) => {
                Body::LoadBalancer(balancers::load_balancer(object, named, source))
            }
            "microsoft.network/azurefirewalls" if has(&["ipConfigurations", "hubIPAddresses", "virtualHub"]) => {
                Body::Firewall(firewall::firewall(object, named, source))
            }
            "microsoft.network/firewallpolicies"
                if has(&["sku", "threatIntelMode", "ruleCollectionGroups", "dnsSettings", "basePolicy"]) =>
            {
                Body::FirewallPolicy(firewall::policy(object, named))
            }
            "microsoft.network/firewallpolicies/rulecollectiongroups" if has(&["ruleCollections"]) => {
                Body::RuleCollectionGroup(firewall::rule_collection_group(object, named, source))
            }
            "microsoft.network/ipgroups" if has(&["ipAddresses"]) => Body::IpGroup(firewall::ip_group(object, named)),
            "microsoft.network/virtualhubs" if has(&["addressPrefix", "virtualWan", "sku"]) => {
                Body::VirtualHub(network::hub(object, named))
            }
            "microsoft.network/virtualhubs/hubvirtualnetworkconnections" if has(&["remoteVirtualNetwork"]) => {
                Body::HubConnection(network::hub_connection(object, named))
            }
            "microsoft.network/virtualhubs/routingintent" if has(&["routingPolicies"]) => {
                Body::RoutingIntent(network::routing_intent(object, named))
            }
            _ => return,
        };
        self.put(body, source.origin(object));
    }

    fn rule_of_group(&mut self, object: &Object<'_>, named: &Named, source: Source<'_>) {
        if let Some(group) = named.id.as_ref().and_then(ResourceId::parent)
            && self.counts(1)
        {
            let mut rule = security::rule(object, source);
            rule.name.clone_from(&named.name);
            self.rules.entry(group).or_default().push(rule);
        }
    }

    fn route_of_table(&mut self, object: &Object<'_>, named: &Named, source: Source<'_>) {
        if let Some(table) = named.id.as_ref().and_then(ResourceId::parent)
            && self.counts(1)
        {
            let mut route = routes::route(object, source);
            route.name = Some(named.name.clone());
            self.routes.entry(table).or_default().push(route);
        }
    }
}

fn tree(text: &str, at: usize) -> Option<Object<'_>> {
    match json::tree(text, at)?.0 {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn type_of(object: &Object<'_>) -> Option<String> {
    object.member("type").and_then(Value::text).map(str::to_ascii_lowercase)
}

/// The type of a resource in lower case: as it says, as its id says, or by its shape.
fn kind_of(object: &Object<'_>) -> Option<String> {
    let is_full = |kind: &String| kind.starts_with("microsoft.") && kind.contains('/');
    type_of(object).filter(is_full).or_else(|| kind_of_id(&item::id(object)?)).or_else(|| kind_of_shape(object))
}

/// `…/providers/microsoft.network/virtualnetworks/vnet1/subnets/default` is a `microsoft.network/virtualnetworks/subnets`.
fn kind_of_id(id: &ResourceId) -> Option<String> {
    let (_, path) = id.as_str().rsplit_once("/providers/")?;
    let mut parts = path.split('/');
    let mut kind = parts.next()?.to_owned();
    for segment in parts.step_by(2) {
        kind.push('/');
        kind.push_str(segment);
    }
    Some(kind)
}

/// Some versions of `az` leave out the type of what they list.
fn kind_of_shape(object: &Object<'_>) -> Option<String> {
    const SHAPES: [(&str, [&str; 2]); 5] = [
        ("microsoft.compute/virtualmachines", ["networkProfile", "storageProfile"]),
        ("microsoft.network/networkinterfaces", ["ipConfigurations", "enableIPForwarding"]),
        ("microsoft.network/virtualnetworks", ["addressSpace", "subnets"]),
        ("microsoft.network/networksecuritygroups", ["securityRules", "defaultSecurityRules"]),
        ("microsoft.network/routetables", ["routes", "disableBgpRoutePropagation"]),
    ];
    let has = |names: &[&str; 2]| names.iter().all(|name| item::get(object, name).is_some());
    SHAPES.iter().find(|(_, names)| has(names)).map(|(kind, _)| (*kind).to_owned())
}

/// Names of children have those of their parents before them in templates.
fn named(object: &Object<'_>, kind: &str, of: Option<&Named>) -> Named {
    let full = item::text(object, "name").unwrap_or_default();
    let built = || match of {
        Some(of) => of.part(object, kind.rsplit('/').next()?).id,
        None => template::built_id("", kind, full.split('/')),
    };
    let id = item::id(object).or_else(built);
    let name = if full.starts_with('[') { full } else { full.rsplit('/').next().unwrap_or_default().to_owned() };
    Named { id, name }
}
