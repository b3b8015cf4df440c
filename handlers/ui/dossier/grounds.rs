//! What a part rests on that it cannot prove: records that are shown without their secrets.

use promotion::{Fact, Line};

use crate::ui::messages::{deed_on_hidden_ground, hidden_ground, hidden_grounds};

/// The records that are shown without their secrets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grounds<'h> {
    hidden: &'h [u64],
}

impl<'h> Grounds<'h> {
    pub(super) fn of(hidden: &'h [u64]) -> Self {
        Self { hidden }
    }

    /// Of what comes from this record; none where it proves itself.
    pub(super) fn of_line(self, line: &Line<Fact>) -> Option<String> {
        self.hides(line).then(|| hidden_ground(line.seq))
    }

    /// Of what the promotion moves, and where: the records that say so.
    pub(super) fn of_routes(self, lines: &[Line<Fact>]) -> Option<String> {
        let says = |line: &&Line<Fact>| {
            matches!(line.fact, Fact::Opened { .. } | Fact::Reopened { .. }) && self.hides(line)
        };
        let records: Vec<u64> = lines.iter().filter(says).map(|line| line.seq).collect();
        (!records.is_empty()).then(|| hidden_grounds(&records))
    }

    /// A deed that this record tells of.
    pub(super) fn deed(self, line: &Line<Fact>, deed: String) -> String {
        if self.hides(line) {
            deed_on_hidden_ground(&deed, line.seq)
        } else {
            deed
        }
    }

    fn hides(self, line: &Line<Fact>) -> bool {
        self.hidden.contains(&line.seq)
    }
}
