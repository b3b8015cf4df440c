//! Code and environment of a deployment: read with the file that names them, pinned by their content.

use promotion::{AssetVersion, DeploymentSpec, Digest, EnvironmentSpec};

use super::sample::Sample;

const BASE: &str = "instance_type: Standard_DS3_v2\ninstance_count: 1\n";
const CODE: &str = "code_configuration: { code: ../code, scoring_script: ./score.py }\n";
const SKLEARN: &str = "environment: azureml:sklearn:7\n";

/// The deployment's file in a folder of its own, with these lines behind what it needs.
fn with(lines: &str) -> Sample {
    Sample::full()
        .changed(
            "deployment: deployment.yml",
            "deployment: az/deployment.yml",
        )
        .with("az/deployment.yml", &format!("{BASE}{lines}"))
}

fn read(sample: &Sample) -> DeploymentSpec {
    let config = sample.check().unwrap();
    config.routes[0].route.rollout.deployment.clone()
}

#[test]
fn code_is_all_files_of_its_folder_and_travels_with_the_configuration() {
    let sample = with(&format!("{CODE}{SKLEARN}"))
        .with("code/lib/features.py", "COLUMNS = []\n")
        .with("code/__pycache__/score.cpython-311.pyc", "cache")
        .with("code/.git/config", "hidden");
    let config = sample.check().unwrap();
    let code = read(&sample).code.unwrap();
    let paths: Vec<_> = code.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["lib/features.py", "score.py"]);
    assert_eq!(code.scoring_script, "score.py");
    assert_eq!(
        code.files[0].sha256,
        Digest::of(b"COLUMNS = []\n"),
        "by its bytes"
    );
    let [folder] = config.code.as_slice() else {
        panic!("{:?}", config.code)
    };
    assert_eq!(folder.digest, code.digest);
    assert_eq!(&folder.files["lib/features.py"][..], b"COLUMNS = []\n");
    let packaged = |name: &str| config.files.iter().any(|file| file.ends_with(name));
    assert!(packaged("code/lib/features.py") && packaged("code/score.py"));
    assert!(!packaged("config") && !packaged("score.cpython-311.pyc"));
}

#[test]
fn other_bytes_are_other_code() {
    let digest = |text: &str| {
        let sample = with(&format!("{CODE}{SKLEARN}")).with("code/score.py", text);
        read(&sample).code.unwrap().digest
    };
    assert_eq!(digest("a"), digest("a"));
    assert_ne!(digest("a"), digest("b"));
}

#[test]
fn an_environment_is_described_or_one_that_is_there() {
    let environment = |lines: &str| read(&with(&format!("{CODE}{lines}"))).environment.unwrap();
    assert_eq!(
        environment(SKLEARN),
        EnvironmentSpec::Registered {
            asset: AssetVersion {
                name: "sklearn".to_owned(),
                version: "7".to_owned()
            }
        }
    );
    let uri = "azureml://registries/azureml/environments/sklearn-1.5/versions/33";
    assert_eq!(
        environment(&format!("environment: {uri}\n")),
        EnvironmentSpec::Registry {
            uri: uri.to_owned()
        }
    );
    let conda = |text: &str| {
        let lines = format!("{CODE}environment: {{ image: python, conda_file: ../conda.yml }}\n");
        read(&with(&lines).with("conda.yml", text)).environment
    };
    let EnvironmentSpec::Defined {
        asset, definition, ..
    } = conda("name: a\n").unwrap()
    else {
        panic!("it is described")
    };
    assert!(asset.name.starts_with("liftlock-"), "{asset}");
    assert_eq!(definition.conda.as_deref(), Some("name: a\n"));
    assert_ne!(conda("name: a\n"), conda("name: b\n"), "by its content");
}

#[test]
fn an_image_with_a_server_of_its_own_needs_no_code() {
    let sample = with(
        "environment:\n  image: tensorflow/serving\n  inference_config:\n    scoring_route: { path: /v1/predict, port: 8501 }\n",
    );
    let spec = read(&sample);
    assert!(spec.code.is_none() && spec.environment.is_some());
}

#[test]
fn what_could_not_answer_is_refused() {
    let reports: String = [
        CODE,
        "environment: { image: python }\n",
        "code_configuration: { code: ../code, scoring_script: run.py }\nenvironment: azureml:sklearn:7\n",
        "code_configuration: { code: ../nowhere, scoring_script: score.py }\nenvironment: azureml:sklearn:7\n",
        "code_configuration: { code: .., scoring_script: score.py }\nenvironment: azureml:sklearn:7\n",
        "code_configuration: { code: ../../code, scoring_script: score.py }\nenvironment: azureml:sklearn:7\n",
        "code_configuration: { code: ../empty, scoring_script: score.py }\nenvironment: azureml:sklearn:7\n",
        "environment: azureml:sklearn@latest\n",
        "environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest\n",
        "environment: { image: python, conda_file: ../../conda.yml }\n",
        "environment: { image: python, conda_file: conda.yml }\n",
        "environment: { image: python, conda_file: ../large.yml }\n",
        "environment: { name: mine, image: python, build: { path: docker }, inference_config: {} }\n",
        "scoring_script: score.py\ncode_path: ../code\n",
    ]
    .iter()
    .map(|lines| {
        let sample = with(lines)
            .with("empty/.hidden", "")
            .with("large.yml", &"x".repeat(64 * 1024 + 1));
        let report = sample.problems();
        let mut lines: Vec<_> = report.lines().collect();
        lines.pop();
        lines.join("\n") + "\n"
    })
    .collect();
    insta::assert_snapshot!(reports, @"
    az/deployment.yml:3: code_configuration: has nothing to run in
        help: add `environment` too: an image, or the reference of a version
    az/deployment.yml:3: environment: has nothing that answers
        help: add `code_configuration`, or `inference_config` for an image with a server of its own; an MLflow model needs neither this nor them
    az/deployment.yml:3: code_configuration.scoring_script: `run.py` is not in the folder of `code`
        help: name a file by its path below that folder
    az/deployment.yml:3: code_configuration.code: `../nowhere` cannot be read: No such file or directory (os error 2)
        help: name a folder, from the folder of this file
    az/deployment.yml:3: code_configuration.code: `..` is the folder of liftlock.yaml
        help: put the code into a folder of its own
    az/deployment.yml:3: code_configuration.code: `../../code` leads outside of its folder
        help: only what lies in the folder of liftlock.yaml is packaged with it
    az/deployment.yml:3: code_configuration.code: `../empty` holds no files
        help: put the scoring script into it; hidden files do not count
    az/deployment.yml:3: environment: `azureml:sklearn@latest` is no version of an environment
        help: write `azureml:<name>:<version>` of the target's workspace, `azureml://registries/<registry>/environments/<name>/versions/<version>`, or a mapping with `image`
    az/deployment.yml:3: environment: `azureml://registries/azureml/environments/sklearn-1.5/labels/latest` is no version of an environment
        help: write `azureml:<name>:<version>` of the target's workspace, `azureml://registries/<registry>/environments/<name>/versions/<version>`, or a mapping with `image`
    az/deployment.yml:3: environment.conda_file: `../../conda.yml` leads outside of its folder
        help: only what lies in the folder of liftlock.yaml is packaged with it
    az/deployment.yml:3: environment.conda_file: `conda.yml` cannot be read: No such file or directory (os error 2)
        help: files are named from az
    az/deployment.yml:3: environment.conda_file: `../large.yml` is larger than 64 KiB
        help: name the packages that the code needs and no more
    az/deployment.yml:3: environment: key `name`: Liftlock names an environment after its content
        help: remove it from this file
    az/deployment.yml:3: environment: key `build`: Liftlock builds no images: name one that is built, in `image`
        help: remove it from this file
    az/deployment.yml:3: environment.inference_config: `scoring_route` is missing
        help: add it: what takes them
    az/deployment.yml:3: key `scoring_script`: `az ml` has it under `code_configuration`
        help: remove it from this file
    az/deployment.yml:4: key `code_path`: `az ml` has it under `code_configuration`
        help: remove it from this file
    ");
}

#[test]
fn a_folder_that_is_too_large_or_leads_outside_is_refused() {
    let sample = || with(&format!("{CODE}{SKLEARN}"));
    let many = (0..200).fold(sample(), |sample, number| {
        sample.with(&format!("code/f{number}.py"), "")
    });
    let large = sample().with("code/data.bin", &"x".repeat(4 * 1024 * 1024));
    let linked = sample();
    let outside = linked.path().with_file_name("conda.yml");
    let link = linked.path().with_file_name("code/conda.yml");
    std::os::unix::fs::symlink(outside, link).unwrap();
    let reports: Vec<_> = [many, large, linked].iter().map(Sample::problems).collect();
    insta::assert_snapshot!(reports.join("\n"), @"
    az/deployment.yml:3: code_configuration.code: `../code` holds more than 200 files or 4 MiB
        help: leave only what the scoring script needs in it; data belongs to the model
    1 problem
    az/deployment.yml:3: code_configuration.code: `../code` holds more than 200 files or 4 MiB
        help: leave only what the scoring script needs in it; data belongs to the model
    1 problem
    az/deployment.yml:3: code_configuration.code: `../code` holds `conda.yml`, which is no file of this folder
        help: put a copy there instead of a link
    1 problem
    ");
    let inside = sample();
    let script = inside.path().with_file_name("code/score.py");
    let link = inside.path().with_file_name("code/again.py");
    std::os::unix::fs::symlink(script, link).unwrap();
    assert_eq!(read(&inside).code.unwrap().files.len(), 2);
}
