//! `routes`: from one stage to the next.

use promotion::{
    ApprovalRule, Concurrency, Consent, Deadlines, GateSpec, ModelName, Party, RolloutSpec, Route,
    RouteName, SourceStage, StageName, TargetStage,
};

use super::analysis_templates::Templates;
use super::calendar::Windows;
use super::context::Source;
use super::diagnostics::{Complaint, Read, Spot};
use super::field::Field;
use super::reader::Reader;
use super::resolved::{ConfiguredRoute, TriggerRule};
use super::shape::{Holds, Key, Shape};
use super::stages::Stages;
use super::{approval, deadlines, gates, rollout, suggestion, triggers, windows};

pub(super) static ROUTE: Shape = Shape::new(
    "a route",
    &[
        Key::required(
            "name",
            Holds::Text,
            "its name, unique in this file; promotions carry it",
        ),
        Key::required("from", Holds::Text, "the stage that candidates come from"),
        Key::required("to", Holds::Text, "the stage that they go to"),
        Key::required(
            "model",
            Holds::Text,
            "the registered model's name, the same in both stages",
        ),
        Key::required(
            "on",
            Holds::List(&[&triggers::MODEL_REGISTERED, &triggers::JOB_COMPLETED]),
            "which events start a promotion",
        ),
        Key::required(
            "gates",
            Holds::List(&[&gates::METRIC, &gates::CHAMPION]),
            "what a candidate must pass; without any, every version would reach the approvers",
        ),
        Key::required(
            "approval",
            Holds::Short(&approval::APPROVAL),
            "who must agree",
        ),
        Key::optional(
            "operators",
            Holds::List(approval::PARTIES),
            "roles that may abort, roll back, resume, reopen, replay and start; absent: the approvers",
        ),
        Key::default(
            "concurrency",
            Holds::Word(&["supersede", "queue", "reject"]),
            "supersede",
            "what becomes of a candidate that comes while another one is asked about or rolled out at the same endpoint",
        ),
        Key::required(
            "rollout",
            Holds::Mapping(&rollout::ROLLOUT),
            "how a candidate is brought to serve",
        ),
        Key::default(
            "deadlines",
            Holds::Mapping(&deadlines::DEADLINES),
            "{}",
            deadlines::ABOUT,
        ),
        Key::optional(
            "windows",
            Holds::List(&[&windows::ALLOW, &windows::DENY]),
            windows::ABOUT,
        ),
    ],
);

/// A route as far as it could be read: rules that span routes are checked on what there is.
pub(super) struct RouteDraft {
    pub(super) at: Spot,
    pub(super) name: Read<RouteName>,
    pub(super) from: Read<NamedStage>,
    pub(super) to: Read<NamedStage>,
    pub(super) model: Read<ModelName>,
    pub(super) triggers: Read<Vec<TriggerRule>>,
    gates: Read<Vec<GateSpec>>,
    approval: Read<ApprovalRule>,
    operators: Read<Option<Vec<Party>>>,
    concurrency: Read<Concurrency>,
    pub(super) rollout: Read<RolloutSpec>,
    deadlines: Read<Deadlines>,
    windows: Read<Option<Windows>>,
}

/// A stage as a route names it.
pub(super) struct NamedStage {
    pub(super) name: StageName,
    path: String,
    line: u32,
}

impl PartialEq for NamedStage {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// All routes, in the file's order.
pub(super) fn read(
    field: &Field<'_>,
    stages: Option<&Stages>,
    templates: &Templates,
) -> Read<Vec<RouteDraft>> {
    let drafts = field.list(&[("name", &|reader| Ok(draft(reader, stages, templates)))])?;
    if let Some(stages) = stages {
        for draft in &drafts {
            check_stages(draft, stages, field.source);
        }
    }
    Ok(drafts)
}

/// The route, once it and its stages are sound.
pub(super) fn resolve(draft: RouteDraft, stages: &Stages) -> Option<ConfiguredRoute> {
    let source = stages.get(&draft.from.as_ref().ok()?.name)?;
    let target = stages.get(&draft.to.as_ref().ok()?.name)?;
    let approval = draft.approval.ok()?;
    let operators = draft
        .operators
        .ok()?
        .unwrap_or_else(|| approval.approvers.clone());
    let route = Route {
        name: draft.name.ok()?,
        source: SourceStage {
            stage: source.name.clone(),
            workspace: source.workspace.clone(),
        },
        target: TargetStage {
            stage: target.name.clone(),
            workspace: target.workspace.clone(),
            datastore: target.datastore.clone(),
        },
        model: draft.model.ok()?,
        gates: draft.gates.ok()?,
        approval,
        operators,
        concurrency: draft.concurrency.ok()?,
        rollout: draft.rollout.ok()?,
        deadlines: draft.deadlines.ok()?,
    };
    Some(ConfiguredRoute {
        route,
        triggers: draft.triggers.ok()?,
        windows: draft.windows.ok()?.unwrap_or_default(),
    })
}

fn draft(reader: &Reader<'_>, stages: Option<&Stages>, templates: &Templates) -> RouteDraft {
    let to = reader.required("to", named_stage);
    let target = stages
        .zip(to.as_ref().ok())
        .and_then(|(stages, to)| stages.get(&to.name));
    let deadlines = reader.required("deadlines", |field| field.mapping(deadlines::read));
    let resume = deadlines.map(|deadlines| deadlines.resume);
    let approval = reader.required("approval", |field| field.mapping(approval::read));
    let asks_nobody = matches!(&approval, Ok(rule) if rule.consent == Consent::Automatic);
    let approves = matches!(&approval, Ok(rule) if !rule.approvers.is_empty());
    RouteDraft {
        at: reader.source.spot(reader.line_of("name")),
        name: reader.required("name", |field| field.parse(route_name)),
        from: reader.required("from", named_stage),
        model: reader.required("model", |field| field.parse(model_name)),
        triggers: reader.required("on", triggers::read),
        gates: reader.required("gates", |field| {
            let gates = gates::read(field)?;
            if gates.is_empty() && asks_nobody {
                let what = "is empty, and the approval is automatic: anything at all would go to production";
                let help = "name a gate that has to pass, or have people asked";
                return Err(field.complain(Complaint::new(what, help)));
            }
            Ok(gates)
        }),
        // Somebody must be able to stop it.
        operators: if asks_nobody && !approves {
            reader.required("operators", approval::parties).map(Some)
        } else {
            reader.optional("operators", approval::parties)
        },
        approval,
        concurrency: reader.required("concurrency", |field| field.word(concurrency)),
        rollout: reader.required("rollout", |field| {
            let target = target.map(|stage| &stage.workspace);
            field.mapping(|rollout| rollout::read(rollout, templates, target, resume))
        }),
        deadlines,
        windows: reader.optional("windows", windows::read),
        to,
    }
}

fn concurrency(word: &str) -> Option<Concurrency> {
    match word {
        "supersede" => Some(Concurrency::Supersede),
        "queue" => Some(Concurrency::Queue),
        "reject" => Some(Concurrency::Reject),
        _ => None,
    }
}

fn named_stage(field: &Field<'_>) -> Read<NamedStage> {
    let name = StageName::new(field.text()?);
    Ok(NamedStage {
        name,
        path: field.path.clone(),
        line: field.node.line,
    })
}

fn check_stages(draft: &RouteDraft, stages: &Stages, source: &Source<'_>) {
    for NamedStage { name, path, line } in [&draft.from, &draft.to].into_iter().flatten() {
        if !stages.names.iter().any(|known| known == name.as_str()) {
            let what = format!("{path}: there is no stage `{name}`");
            source.report(*line, what, stage_help(name.as_str(), stages));
        }
    }
    if let (Ok(from), Ok(to)) = (&draft.from, &draft.to)
        && from == to
    {
        let what = format!("{}: leads to `{}`, where it comes from", to.path, to.name);
        source.report(to.line, what, "name another stage");
    }
}

fn stage_help(stage: &str, stages: &Stages) -> String {
    let names = || stages.names.iter().map(String::as_str);
    match suggestion::nearest(stage, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "define it under `stages`, or use one of {}",
            suggestion::listed(names())
        ),
    }
}

/// Azure ML's rule for asset names, which becomes part of ids and of folders.
fn model_name(text: &str) -> Result<ModelName, Complaint> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.len() <= 255
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(allowed)
    {
        Ok(ModelName::new(text))
    } else {
        let help = "write the registered model's name: letters, digits, `-`, `_` and `.`, without a version";
        Err(Complaint::new("is no name of a model", help))
    }
}

fn route_name(text: &str) -> Result<RouteName, Complaint> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.len() <= 64 && text.chars().all(allowed) {
        Ok(RouteName::new(text))
    } else {
        let help =
            "use up to 64 letters, digits, `-` and `_`: it stands in links and in names of files";
        Err(Complaint::new("is no name for a route", help))
    }
}
