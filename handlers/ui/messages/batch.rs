//! What is said of batch endpoints: their default deployment, and the job that tests a candidate.

use promotion::{
    BatchTest, DeploymentSpec, EndpointSpec, JobReply, Plan, PlannedBatchTest, PlannedStep,
    Rollout, Serving, Shortfall, TestedBy, Traffic,
};

use super::subjects::{deployment, step, traffic};
use crate::ui::figures::counted;
use crate::ui::text::{SENTENCE, capped, clause, name};

/// Who serves: of a batch endpoint the default deployment, of an online one the traffic.
pub(crate) fn served(serving: Serving, wanted: &Traffic) -> String {
    match (serving, wanted.shares().next()) {
        (Serving::Online, _) => traffic(wanted),
        (Serving::Batch, None) => "no default deployment".to_owned(),
        (Serving::Batch, Some((name, _))) => format!("default deployment {}", deployment(name)),
    }
}

/// `The endpoint's traffic`, `The endpoint's default deployment`: what a sentence on who serves begins with.
pub(crate) fn what_serves(serving: Serving) -> &'static str {
    match serving {
        Serving::Online => "The endpoint's traffic",
        Serving::Batch => "The endpoint's default deployment",
    }
}

/// The same, as the other half of that sentence says who.
pub(crate) fn who_serves(serving: Serving, wanted: &Traffic) -> String {
    match (serving, wanted.shares().next()) {
        (Serving::Online, _) => traffic(wanted),
        (Serving::Batch, None) => "none".to_owned(),
        (Serving::Batch, Some((name, _))) => deployment(name),
    }
}

/// Who serves on a rollout's endpoint.
pub(crate) fn served_by(rollout: &Rollout, wanted: &Traffic) -> String {
    served(rollout.permit.pinned().plan.endpoint.serving, wanted)
}

/// One step of a plan: `make the candidate the default deployment`.
pub(crate) fn planned_step(plan: &Plan, planned: &PlannedStep) -> String {
    match (plan.endpoint.serving, planned) {
        (Serving::Batch, PlannedStep::SetTraffic(_)) => {
            "make the candidate the default deployment".to_owned()
        }
        (Serving::Batch | Serving::Online, _) => step(planned, &plan.deployment),
    }
}

/// The change of a default as an instruction.
pub(super) fn set_default(wanted: &Traffic) -> String {
    match wanted.shares().next() {
        None => "Leave the endpoint without a default deployment".to_owned(),
        Some((name, _)) => format!(
            "Make deployment {} the endpoint's default",
            deployment(name)
        ),
    }
}

/// What its jobs run on, `2 machines of the cluster cpu-cluster`; nothing for an online deployment.
pub(super) fn cluster(spec: &DeploymentSpec) -> Option<String> {
    let batch = spec.batch.as_ref()?;
    Some(format!(
        "{} of the cluster {}",
        counted(u64::from(spec.instance_count), "machine"),
        name(batch.compute.name())
    ))
}

/// `batch endpoint`, `endpoint`.
pub(crate) fn endpoint_kind(endpoint: &EndpointSpec) -> &'static str {
    match endpoint.serving {
        Serving::Online => "endpoint",
        Serving::Batch => "batch endpoint",
    }
}

/// The test of a plan: what is scored, by whom, and what that must come to.
pub(crate) fn test(planned: &PlannedBatchTest) -> String {
    let beside = match planned.jobs.get(1) {
        Some(champion) => format!(
            "compared with {}: as many rows, the same columns",
            deployment(&champion.deployment)
        ),
        None => "compared with nobody, for nothing serves yet".to_owned(),
    };
    format!(
        "a job on {}, {beside}{}",
        capped(&planned.test.input, SENTENCE),
        bounds(&planned.test)
    )
}

fn bounds(test: &BatchTest) -> String {
    let rows = test.min_rows.map_or_else(String::new, |least| {
        format!(", at least {}", counted(u64::from(least), "row"))
    });
    let errors = test.max_errors.map_or_else(
        || ", no more rows without a prediction".to_owned(),
        |most| {
            format!(
                ", at most {} without a prediction",
                counted(u64::from(most), "row")
            )
        },
    );
    format!("{rows}{errors}")
}

/// A job as an instruction.
pub(super) fn score(job: &TestedBy) -> String {
    format!(
        "Have deployment {} score the sample data",
        deployment(&job.deployment)
    )
}

/// What a job came to.
pub(super) fn reply(reply: &JobReply) -> String {
    match &reply.problem {
        Some(problem) => clause(problem),
        None => format!(
            "{}, {} without a prediction, columns {}",
            counted(u64::from(reply.rows), "row"),
            reply.errors,
            columns(&reply.columns)
        ),
    }
}

/// What a candidate's result lacks, as the end of a sentence.
pub(super) fn shortfall(shortfall: &Shortfall) -> String {
    let rows = |rows: &u32| counted(u64::from(*rows), "row");
    match shortfall {
        Shortfall::NoResult {
            deployment: whose,
            problem,
        } => format!(
            "deployment {} came to no result: {}",
            deployment(whose),
            clause(problem)
        ),
        Shortfall::OtherRows {
            rows: own,
            champion,
        } => {
            format!("it came to {}, the champion to {champion}", rows(own))
        }
        Shortfall::FewRows { rows: own, least } => {
            format!("it came to {}, and the route wants {least}", rows(own))
        }
        Shortfall::OtherColumns {
            columns: own,
            champion,
        } => format!(
            "its columns are {}, the champion's {}",
            columns(own),
            columns(champion)
        ),
        Shortfall::Errors { errors, most } => {
            format!("{} came to no prediction, and {most} may", rows(errors))
        }
    }
}

fn columns(columns: &[String]) -> String {
    const SHOWN: usize = 12;
    if columns.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = columns
        .iter()
        .take(SHOWN)
        .map(|column| name(column))
        .collect();
    let more = columns.len().saturating_sub(SHOWN);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("{}{more}", shown.join(", "))
}
