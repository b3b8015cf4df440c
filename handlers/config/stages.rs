//! `stages`: workspaces under short names.

use promotion::{StageName, WorkspaceId};

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::resolved::Stage;
use super::shape::{Holds, Key, Shape};

pub(super) static STAGE: Shape = Shape::new(
    "a stage",
    &[
        Key::required(
            "workspace",
            Holds::Text,
            "the resource id of an Azure ML workspace",
        ),
        Key::optional(
            "datastore",
            Holds::Text,
            "the datastore that copied models land in; absent: the workspace's default",
        ),
    ],
);

/// The stages as far as they could be read.
pub(super) struct Stages {
    /// What is defined, rightly or not: a route that names one of these has named a stage.
    pub(super) names: Vec<String>,
    pub(super) resolved: Read<Vec<Stage>>,
}

impl Stages {
    pub(super) fn read(field: &Field<'_>) -> Self {
        let names = field
            .entries()
            .iter()
            .map(|entry| entry.key.clone())
            .collect();
        Self {
            names,
            resolved: stages(field),
        }
    }

    /// The stage of that name, where all stages are sound.
    pub(super) fn get(&self, name: &StageName) -> Option<&Stage> {
        self.resolved
            .as_ref()
            .ok()?
            .iter()
            .find(|stage| stage.name == *name)
    }
}

/// All stages; two of them cannot be the same workspace.
fn stages(field: &Field<'_>) -> Read<Vec<Stage>> {
    let stages = field.named(stage)?;
    for (index, stage) in stages.iter().enumerate() {
        let twin = stages[..index]
            .iter()
            .find(|other| other.workspace == stage.workspace);
        if let Some(twin) = twin {
            let what = format!("stages.{}.workspace: is also `{}`'s", stage.name, twin.name);
            let help =
                "a version keeps its number from stage to stage: give each stage its own workspace";
            return Err(field
                .source
                .report(field.line_under(stage.name.as_str()), what, help));
        }
    }
    Ok(stages)
}

fn stage(name: &str, reader: &Reader<'_>) -> Read<Stage> {
    let workspace = reader.required("workspace", |field| field.parse(workspace_id));
    let datastore = reader.optional("datastore", Field::text);
    let usable = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if name.is_empty() || !usable {
        let what = format!("stages: `{name}` is no name for a stage");
        return Err(reader
            .source
            .report(reader.line(), what, "use letters, digits, `-` and `_`"));
    }
    Ok(Stage {
        name: StageName::new(name),
        workspace: workspace?,
        datastore: datastore?,
    })
}

/// Resource ids are compared without case, kept as they are written.
fn workspace_id(text: &str) -> Result<WorkspaceId, Complaint> {
    let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
    let is = |part: &str, word: &str| part.eq_ignore_ascii_case(word);
    match parts.as_slice() {
        [
            "",
            subscriptions,
            id,
            groups,
            group,
            providers,
            provider,
            workspaces,
            name,
        ] if is(subscriptions, "subscriptions")
            && uuid::Uuid::try_parse(id).is_ok()
            && is(groups, "resourceGroups")
            && is(providers, "providers")
            && is(provider, "Microsoft.MachineLearningServices")
            && is(workspaces, "workspaces")
            && !group.is_empty()
            && !name.is_empty() =>
        {
            Ok(WorkspaceId::new(text.trim_end_matches('/')))
        }
        _ => Err(Complaint::new(
            "is no resource id of an Azure ML workspace",
            "write /subscriptions/<id>/resourceGroups/<group>/providers/\
             Microsoft.MachineLearningServices/workspaces/<name>; `az ml workspace show --query id` prints it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ml-dev";

    #[test]
    fn a_workspace_id_is_taken_in_any_case() {
        assert_eq!(workspace_id(GOOD), Ok(WorkspaceId::new(GOOD)));
        assert_eq!(
            workspace_id(&GOOD.to_lowercase()),
            Ok(WorkspaceId::new(GOOD))
        );
    }

    #[test]
    fn other_resources_are_refused() {
        let registry = GOOD.replace("/workspaces/", "/registries/");
        let deeper = format!("{GOOD}/models/diabetes");
        let nameless = GOOD.trim_end_matches("ml-dev");
        for text in [
            "ml-dev",
            &registry,
            &deeper,
            nameless,
            &GOOD.replace("00000000-", "x"),
        ] {
            assert!(workspace_id(text).is_err(), "{text}");
        }
    }
}
