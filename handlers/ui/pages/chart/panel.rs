//! The pictures: the candidate's traffic, one metric each, and the time under them.
//!
//! Marks and texts stand at a share of the width, lines are drawn on a ground that stretches: so texts keep their size on a
//! telephone and on a wall.

use maud::{Markup, html};
use promotion::analysis::{Measurement, MetricSpec};

use super::axis::{Scale, TimeAxis};
use super::marks::{mark, percent, pixels};
use super::series::{Series, Share};
use super::threshold::bound;
use crate::ui::figures::apart;
use crate::ui::messages::{condition, measured_sentence, traffic_sentence};
use crate::ui::moment::{machine, utc};

/// The height at which the greatest value stands.
const TOP: f64 = 12.0;
/// And the least.
const BOTTOM: f64 = 68.0;
/// What has no value stands under them.
const NO_VALUE: f64 = 82.0;
const HEIGHT: &str = "90";
/// Of a picture without such.
const LOW_HEIGHT: &str = "76";
/// More marks than this would run into one another.
const CROWD: usize = 120;
/// Of the ground that stretches.
const WIDTH: f64 = 1000.0;
/// A text needs so much of the width,
const TEXT: f64 = 0.12;
/// and so much of the height.
const LABEL: f64 = 9.0;

/// A line across with what it is in words.
struct Threshold {
    at: f64,
    text: String,
    anchor: &'static str,
}

/// The candidate's share of traffic, from 0 to 100 %.
pub(super) fn traffic(shares: &[Share], axis: &TimeAxis) -> Markup {
    let steps = steps(shares, axis);
    let rises = steps
        .iter()
        .map(|(x, percent)| format!("H{}V{}", pixels(x * WIDTH), pixels(height_of(*percent))));
    let rises: String = rises.collect();
    let line = format!("M0 {}{rises}H{WIDTH}", pixels(height_of(0)));
    let area = format!("{line}V{BOTTOM}H0Z");
    html! {
        svg.chart width="100%" height=(LOW_HEIGHT) role="img" aria-label=(traffic_sentence(&told(shares))) {
            (grid(axis))
            (scale_text("100 %", TOP)) (scale_text("0 %", BOTTOM))
            (stretched(LOW_HEIGHT, &html! { path.area d=(area) {} path.share d=(line) {} }))
            @for (x, share) in readable(&steps) {
                @let y = height_of(share);
                text.share x=(percent(x)) dx=(if x > 1.0 - TEXT { "-4" } else { "4" }) y=(pixels(if share > 75 { y + 14.0 } else { y - 5.0 }))
                    text-anchor=(if x > 1.0 - TEXT { "end" } else { "start" }) { (share) " %" }
            }
        }
    }
}

/// A metric's values over time, and what they are held against.
pub(super) fn metric(series: &Series<'_>, drawn: &[&Measurement], axis: &TimeAxis) -> Markup {
    let bounds = conditions(series.metric)
        .into_iter()
        .filter_map(|(_, condition)| bound(condition));
    let values = drawn.iter().filter_map(|measured| measured.value);
    let scale = Scale::over(values.chain(bounds));
    let said = measured_sentence(series.analysis, series.metric, &series.measurements);
    let all_numbers = drawn.iter().all(|measured| number(measured).is_some());
    let tall = if all_numbers { LOW_HEIGHT } else { HEIGHT };
    html! {
        svg.chart.crowded[drawn.len() > CROWD] width="100%" height=(tall) role="img" aria-label=(said) {
            (grid(axis))
            @if let Some(scale) = &scale {
                (scale_texts(scale))
                (stretched(tall, &html! { path.value d=(value_line(drawn, axis, scale)) {} }))
                @let thresholds = thresholds(series.metric, scale);
                @for threshold in &thresholds { (threshold_line(threshold, &thresholds)) }
            }
            @for measured in drawn { (mark(measured.came_to, axis.share(measured.at), height(measured, scale.as_ref()))) }
        }
    }
}

/// Round moments under all pictures, and under them where they begin and end.
pub(super) fn time(axis: &TimeAxis) -> Markup {
    html! {
        svg.chart width="100%" height="18" aria-hidden="true" focusable="false" {
            @for (x, text) in axis.ticks() { text x=(percent(x)) y="12" text-anchor="middle" { (text) } }
        }
        p.span {
            time datetime=(machine(axis.start)) { (utc(axis.start)) }
            @if axis.end != axis.start { " " time datetime=(machine(axis.end)) { (utc(axis.end)) } }
        }
    }
}

/// The conditions of a metric, and whether one is of failure.
fn conditions(metric: &MetricSpec) -> Vec<(bool, &str)> {
    let success = metric.success_condition.as_deref();
    let failure = metric.failure_condition.as_deref();
    let success = success.map(|condition| (false, condition));
    success
        .into_iter()
        .chain(failure.map(|condition| (true, condition)))
        .collect()
}

/// Those that are a line; the two of one metric are written at different ends, what is borne where the newest values are not.
fn thresholds(metric: &MetricSpec, scale: &Scale) -> Vec<Threshold> {
    let lines = conditions(metric).into_iter().filter_map(|(fails, text)| {
        Some(Threshold {
            at: y(scale.share(bound(text)?)),
            text: condition(text, fails),
            anchor: if fails { "end" } else { "start" },
        })
    });
    lines.collect()
}

/// Its words stand over it, and under it where the other line would run through them.
fn threshold_line(threshold: &Threshold, all: &[Threshold]) -> Markup {
    let Threshold { at, text, anchor } = threshold;
    let crossed = |other: &Threshold| (at - 2.0 * LABEL..*at).contains(&other.at);
    let baseline = if all.iter().any(crossed) {
        at + LABEL + 3.0
    } else {
        at - 4.0
    };
    html! {
        line.threshold x1="0" x2="100%" y1=(pixels(*at)) y2=(pixels(*at)) {}
        text.threshold x=(if *anchor == "end" { "100%" } else { "0" }) y=(pixels(baseline)) text-anchor=(anchor) { (text) }
    }
}

fn grid(axis: &TimeAxis) -> Markup {
    html! {
        @for y in [TOP, BOTTOM] { line.grid x1="0" x2="100%" y1=(y) y2=(y) {} }
        @for (x, _) in axis.ticks() { line.grid x1=(percent(x)) x2=(percent(x)) y1=(TOP) y2=(BOTTOM) {} }
    }
}

/// A ground as wide as the picture, whose lines are no thicker for it.
fn stretched(height: &str, lines: &Markup) -> Markup {
    html! {
        svg width="100%" height=(height) viewBox={ "0 0 " (WIDTH) " " (height) } preserveAspectRatio="none" { (lines) }
    }
}

fn scale_texts(scale: &Scale) -> Markup {
    let (least, most) = apart(scale.least, scale.most);
    html! {
        @if scale.least < scale.most { (scale_text(&most, TOP)) (scale_text(&least, BOTTOM)) }
        @else { (scale_text(&most, y(0.5))) }
    }
}

/// Left of the picture, in the middle of its height.
fn scale_text(text: &str, y: f64) -> Markup {
    html! { text x="-8" y=(pixels(y + 4.0)) text-anchor="end" { (text) } }
}

/// A line from value to value that breaks where there is none.
fn value_line(drawn: &[&Measurement], axis: &TimeAxis, scale: &Scale) -> String {
    let mut pen = 'M';
    let points = drawn.iter().filter_map(|measured| {
        let Some(value) = number(measured) else {
            pen = 'M';
            return None;
        };
        let (x, y) = (axis.share(measured.at) * WIDTH, y(scale.share(value)));
        let point = format!("{pen}{} {}", pixels(x), pixels(y));
        pen = 'L';
        Some(point)
    });
    points.collect()
}

fn height(measured: &Measurement, scale: Option<&Scale>) -> f64 {
    let value = number(measured).zip(scale);
    value.map_or(NO_VALUE, |(value, scale)| y(scale.share(value)))
}

fn number(measured: &Measurement) -> Option<f64> {
    measured.value.filter(|value| value.is_finite())
}

fn y(share: f64) -> f64 {
    BOTTOM - share * (BOTTOM - TOP)
}

fn height_of(percent: u8) -> f64 {
    y(f64::from(percent) / 100.0)
}

/// The changes on the axis; what was before it stands at its left end.
fn steps(shares: &[Share], axis: &TimeAxis) -> Vec<(f64, u8)> {
    let shown = shares.iter().filter(|share| share.at <= axis.end);
    shown
        .map(|share| (axis.share(share.at), share.percent))
        .collect()
}

/// Those whose text has room until the next.
fn readable(steps: &[(f64, u8)]) -> impl Iterator<Item = (f64, u8)> {
    let ends = steps.iter().skip(1).map(|(x, _)| *x).chain([f64::MAX]);
    let pairs = steps.iter().zip(ends);
    pairs
        .filter(|((x, _), next)| next - x >= TEXT)
        .map(|(step, _)| *step)
}

fn told(shares: &[Share]) -> Vec<(jiff::Timestamp, u8)> {
    shares
        .iter()
        .map(|share| (share.at, share.percent))
        .collect()
}
