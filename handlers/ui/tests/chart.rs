//! The pictures of what was measured.

use insta::assert_snapshot;
use promotion::analysis::{BesideSpec, Measured};
use promotion::{Event, Fact, Look, Outcome, Seconds, Step};

use super::measuring::{LOW, Measuring};
use super::reading::{between, page as read};
use super::story::Story;
use super::world::{World, ada, good, metric};

fn section(html: &str) -> &str {
    between(
        html,
        "<section aria-labelledby=\"measurements\"",
        "</section>",
    )
}

/// Every picture with a label, from its height on, which is where they differ.
fn pictures(html: &str) -> Vec<&str> {
    let parts = section(html).split("<svg class=\"chart").skip(1);
    let pictures = parts.map(|part| part.split("</div>").next().unwrap());
    let pictures = pictures.filter(|part| part.contains("role=\"img\""));
    pictures
        .map(|part| between(part, "height=", "</div>"))
        .collect()
}

/// What they say in words.
fn labels(html: &str) -> Vec<&str> {
    let label = |picture| between(picture, "aria-label=\"", "\">").split_once('"');
    pictures(html)
        .into_iter()
        .filter_map(label)
        .map(|(_, label)| label)
        .collect()
}

/// The values of all attributes of a page's pictures.
fn attributes(html: &str) -> String {
    let tags = section(html)
        .split('<')
        .filter_map(|part| part.split_once('>'));
    tags.map(|(tag, _)| tag).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_is_drawn_before_anything_is_measured() {
    let mut story = Measuring::of_errors();
    assert!(!story.page().contains("Measurements"));
    story.planned(story.measure());
    assert!(!story.page().contains("Measurements"));
}

#[test]
fn a_picture_of_each_metric_on_one_axis() {
    let mut story = Measuring::of_errors();
    story.minute(Measured::Successful, Some(0.002));
    story.minute(Measured::Successful, Some(0.004));
    story.minute(Measured::Inconclusive, None);
    story.minute(Measured::Error, None);
    story.minute(Measured::Failed, Some(0.05));
    story.all_traffic();
    let html = story.page();
    let pictures = pictures(&html).join("\n").replace("><", ">\n<");
    let pictures = [">\n</line", ">\n</use", ">\n</path"]
        .into_iter()
        .fold(pictures, |text, end| text.replace(end, " /"));
    assert_snapshot!(pictures, @r##"
    height="76" role="img" aria-label="The candidate's share of traffic: 0 % at first, 10 % from 2026-11-23 07:15:20 UTC on, 100 % from 2026-11-23 07:20:20 UTC on.">
    <line class="grid" x1="0" x2="100%" y1="12" y2="12" />
    <line class="grid" x1="0" x2="100%" y1="68" y2="68" />
    <line class="grid" x1="13.3%" x2="13.3%" y1="12" y2="68" />
    <line class="grid" x1="53.3%" x2="53.3%" y1="12" y2="68" />
    <line class="grid" x1="93.3%" x2="93.3%" y1="12" y2="68" />
    <text x="-8" y="16" text-anchor="end">100 %</text>
    <text x="-8" y="72" text-anchor="end">0 %</text>
    <svg width="100%" height="76" viewBox="0 0 1000 76" preserveAspectRatio="none">
    <path class="area" d="M0 68H0V62.4H1000V12H1000V68H0Z" />
    <path class="share" d="M0 68H0V62.4H1000V12H1000" />
    </svg>
    <text class="share" x="0%" dx="4" y="57.4" text-anchor="start">10 %</text>
    <text class="share" x="100%" dx="-4" y="26" text-anchor="end">100 %</text>
    </svg>
    height="90" role="img" aria-label="error-rate, beside the steps: 5 measurements from 2026-11-23 07:16:20 UTC to 2026-11-23 07:20:20 UTC, values from 0.002 to 0.05; 2 as it should be, 1 failed, 1 cannot be told, 1 could not be measured. Held against: result &lt; 0.01.">
    <line class="grid" x1="0" x2="100%" y1="12" y2="12" />
    <line class="grid" x1="0" x2="100%" y1="68" y2="68" />
    <line class="grid" x1="13.3%" x2="13.3%" y1="12" y2="68" />
    <line class="grid" x1="53.3%" x2="53.3%" y1="12" y2="68" />
    <line class="grid" x1="93.3%" x2="93.3%" y1="12" y2="68" />
    <text x="-8" y="16" text-anchor="end">0.05</text>
    <text x="-8" y="72" text-anchor="end">0.002</text>
    <svg width="100%" height="90" viewBox="0 0 1000 90" preserveAspectRatio="none">
    <path class="value" d="M200 68L400 65.7M1000 12" />
    </svg>
    <line class="threshold" x1="0" x2="100%" y1="58.7" y2="58.7" />
    <text class="threshold" x="0" y="54.7" text-anchor="start">result &lt; 0.01</text>
    <use class="good" href="#mark-good" x="20%" y="68" />
    <use class="good" href="#mark-good" x="40%" y="65.7" />
    <use class="unsure" href="#mark-unsure" x="60%" y="82" />
    <use class="error" href="#mark-error" x="80%" y="82" />
    <use class="failed" href="#mark-failed" x="100%" y="12" />
    </svg>
    "##);
    assert_snapshot!(labels(&html).join("\n"), @"
    The candidate's share of traffic: 0 % at first, 10 % from 2026-11-23 07:15:20 UTC on, 100 % from 2026-11-23 07:20:20 UTC on.
    error-rate, beside the steps: 5 measurements from 2026-11-23 07:16:20 UTC to 2026-11-23 07:20:20 UTC, values from 0.002 to 0.05; 2 as it should be, 1 failed, 1 cannot be told, 1 could not be measured. Held against: result &lt; 0.01.
    ");
    assert_snapshot!(between(&read(&html), "Measurements", "Gates"), @"
    Measurements
    The candidate's share of traffic
    100 %
    0 %
    10 %
    100 %
    error-rate, beside the steps last 0.05, failed (result < 0.01; 500 requests)
    0.05
    0.002
    result < 0.01
    07:16
    07:18
    07:20
    2026-11-23 07:15:20 UTC 2026-11-23 07:20:20 UTC
    as it should be
    failed
    cannot be told
    could not be measured
    All measurements
    error-rate, beside the steps
    5 measurements, the newest first.
    Time | Value | Samples | Came to | Threshold | Query | Message
    2026-11-23 07:20:20 UTC | 0.05 | 500 | failed | result < 0.01 | RequestsPerMinute 5xx/all
    2026-11-23 07:19:20 UTC | – | 500 | could not be measured | result < 0.01 | RequestsPerMinute 5xx/all | there is no value
    2026-11-23 07:18:20 UTC | – | 500 | cannot be told | result < 0.01 | RequestsPerMinute 5xx/all | there is no value
    2026-11-23 07:17:20 UTC | 0.004 | 500 | as it should be | result < 0.01 | RequestsPerMinute 5xx/all
    2026-11-23 07:16:20 UTC | 0.002 | 500 | as it should be | result < 0.01 | RequestsPerMinute 5xx/all
    ");
}

#[test]
fn what_is_simple_is_drawn_and_the_rest_is_said() {
    let both = metric("ratio", Some("result < 1.5"), Some("result >= 2"));
    let odd = metric("odd", Some("result < 1.5 && result > 0.5"), None);
    let mut story = Measuring::of(vec![both, odd]);
    story.minute(Measured::Successful, Some(1.0));
    let html = story.page();
    let pictures = pictures(&html).join("");
    let lines = pictures.split("<text class=\"threshold\"").skip(1);
    let lines = lines.map(|text| text.split("</text>").next().unwrap());
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    x="0" y="36" text-anchor="start">result &lt; 1.5
    x="100%" y="8" text-anchor="end">fails if result &gt;= 2
    "#);
    assert!(read(&html).contains("result < 1.5 && result > 0.5"));
}

#[test]
fn the_present_attempt_alone_is_drawn() {
    let mut story = Measuring::of_errors();
    story.minute(Measured::Failed, Some(0.05));
    let late = story.planned(story.measure());
    story.remember(Fact::Reopened {
        by: ada().person,
        reason: "Mended.".to_owned(),
        route: Box::new(story.promotion.route().clone()),
    });
    assert!(!story.page().contains("Measurements"));
    let outcome = Box::new(Outcome::Measured {
        taken: vec![good(&story.specs[0], story.now)],
        target: Look::NotTaken,
    });
    story.remember(Fact::Done { key: late, outcome });
    assert!(!story.page().contains("Measurements"));
    story.minute(Measured::Successful, Some(0.002));
    let html = story.page();
    assert!(labels(&html)[1].contains("1 measurement at"), "{html}");
}

#[test]
fn names_from_outside_are_text() {
    let attack = "<script>alert(1)</script>\u{202e} \"'& ${x} onload=";
    let mut story = Measuring::of(vec![metric(attack, Some(attack), Some("result > 1"))]);
    story.minute(Measured::Successful, Some(0.002));
    let html = story.page();
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert!(!html.contains('\u{202e}'), "{html}");
    assert_snapshot!(labels(&html)[1], @"&lt;script&gt;alert(1)&lt;/script&gt; &quot;'&amp; ${x} onload=, beside the steps: 1 measurement at 2026-11-23 07:16:20 UTC, value 0.002; 1 as it should be. Held against: &lt;script&gt;alert(1)&lt;/script&gt; &quot;'&amp; ${x} onload=; fails if result &gt; 1.");
}

#[test]
fn numbers_that_are_none_break_no_picture() {
    let odd = [
        None,
        Some(f64::NAN),
        Some(f64::INFINITY),
        Some(f64::NEG_INFINITY),
        Some(f64::MAX),
        Some(f64::MIN),
        Some(-0.0),
        Some(1e-320),
    ];
    let kinds = [
        Measured::Successful,
        Measured::Failed,
        Measured::Inconclusive,
        Measured::Error,
    ];
    let mut cases = 0;
    for one in odd {
        for other in odd {
            for conditions in [
                (Some(LOW), None),
                (None, Some("result > nan")),
                (None, None),
            ] {
                let spec = metric("error-rate", conditions.0, conditions.1);
                let mut story = Measuring::of(vec![spec]);
                story.minute(kinds[cases % 4], one);
                story.minute(kinds[cases / 4 % 4], other);
                let attributes = attributes(&story.page());
                let numbers = attributes.replace("result &gt; nan", "");
                for wrong in ["NaN", "nan", "inf\"", "inf%", "inf ", "infinity"] {
                    assert!(
                        !numbers.contains(wrong),
                        "{wrong} {one:?} {other:?} {numbers}"
                    );
                }
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 8 * 8 * 3);
}

#[test]
fn one_point_and_equal_values_stand_in_the_middle() {
    let mut story = Measuring::of(vec![metric("latency", None, None)]);
    story.lines.clear();
    story.minute(Measured::Successful, Some(35.0));
    let html = story.page();
    assert!(pictures(&html)[1].contains("x=\"50%\" y=\"40\""), "{html}");
    story.minute(Measured::Successful, Some(35.0));
    let html = story.page();
    assert!(pictures(&html)[1].contains("d=\"M0 40L1000 40\""), "{html}");
    assert_snapshot!(labels(&html).join("\n"), @"
    The candidate's share of traffic: 0 % at first.
    latency, beside the steps: 2 measurements from 2026-11-23 07:16:20 UTC to 2026-11-23 07:17:20 UTC, value 35; 2 as it should be.
    ");
}

#[test]
fn a_thousand_measurements_are_a_small_page() {
    let mut story = Measuring::of_errors();
    story.good_minutes(400);
    for _ in 0..200 {
        story.minute(Measured::Failed, Some(0.05));
    }
    story.good_minutes(400);
    let html = story.page();
    assert!(html.len() < 200_000, "{} bytes", html.len());
    let marks = |kind: &str| {
        pictures(&html)[1]
            .matches(&format!("#mark-{kind}\""))
            .count()
    };
    assert_eq!((marks("good"), marks("failed")), (300, 200));
    let text = read(&html);
    for said in [
        "500 of 1000 measurements are drawn, every failed one among them.",
        "The last 100 of 1000 measurements, the newest first.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn thinned_points_are_even_and_keep_both_ends() {
    for count in [499, 500, 501, 502, 750, 999, 1000] {
        let mut story = Measuring::of_errors();
        story.good_minutes(count);
        let html = story.page();
        let xs: Vec<f64> = pictures(&html)[1]
            .split("<use ")
            .skip(1)
            .map(|mark| {
                between(mark, "x=\"", "%")
                    .trim_start_matches("x=\"")
                    .parse()
                    .unwrap()
            })
            .collect();
        let gaps = xs.windows(2).map(|pair| pair[1] - pair[0]);
        assert_eq!(xs.len(), 500.min(count as usize), "{count}");
        assert!(gaps.fold(0.0, f64::max) < 0.5, "{count}");
        assert!(
            xs[0] < 0.5 && (xs[xs.len() - 1] - 100.0).abs() < 0.01,
            "{count}"
        );
    }
}

#[test]
fn a_rollout_that_is_measured_beside_its_steps() {
    let mut story = Story::approved(World {
        steps: vec![
            Step::SetWeight(10),
            Step::Pause(Seconds(180)),
            Step::SetWeight(100),
        ],
        beside: Some(BesideSpec {
            starting_step: 1,
            metrics: vec![metric("error-rate", Some(LOW), None)],
        }),
        ..World::default()
    });
    story.run_to("live");
    let html = super::promotion_page::page(&story, None);
    assert_snapshot!(labels(&html).join("\n"), @"
    The candidate's share of traffic: 0 % at first, 10 % from 2026-11-23 07:15:20 UTC on, 100 % from 2026-11-23 07:18:21 UTC on.
    error-rate, beside the steps: 5 measurements from 2026-11-23 07:15:21 UTC to 2026-11-23 07:19:25 UTC, value 0.002; 5 as it should be. Held against: result &lt; 0.01.
    ");
    let weights = read(&html).matches("Measure error-rate of").count();
    assert_eq!(weights, 2, "{html}");
    let roll_back = Event::RollBack {
        by: Story::operator(&ada()),
        reason: "Complaints.".to_owned(),
        attempt: None,
    };
    story.now = Seconds(36_000).after(story.now);
    story.happen(roll_back).unwrap();
    story.run_to("rolled back");
    let later = super::promotion_page::page(&story, None);
    let drawn = |html: &str| pictures(html)[1].to_owned();
    assert_eq!(drawn(&later), drawn(&html));
}
