//! The example's model: a polynomial with its coefficients in JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `data/coefficients.json`: prediction = intercept + sum of coefficient times the product of its features.
#[derive(Debug, Deserialize)]
pub(crate) struct Predictor {
    features: Vec<String>,
    intercept: f64,
    terms: Vec<Term>,
}

#[derive(Debug, Deserialize)]
struct Term {
    coefficient: f64,
    features: Vec<String>,
}

/// Values of one row by column.
pub(crate) type Row = BTreeMap<String, f64>;

impl Predictor {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let parsed: Self = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let known = |name: &String| parsed.features.contains(name);
        match parsed
            .terms
            .iter()
            .flat_map(|t| &t.features)
            .find(|name| !known(name))
        {
            Some(stranger) => Err(format!("a term names the unknown feature '{stranger}'")),
            None => Ok(parsed),
        }
    }

    pub(crate) fn features(&self) -> &[String] {
        &self.features
    }

    /// Predicts one row, or names the column that it lacks. Terms are summed in their order, as the loader does.
    pub(crate) fn predict(&self, row: &Row) -> Result<f64, String> {
        if let Some(missing) = self.features.iter().find(|name| !row.contains_key(*name)) {
            return Err(format!("Model is missing inputs ['{missing}']."));
        }
        let product = |names: &[String]| names.iter().map(|name| row[name]).product::<f64>();
        Ok(self.terms.iter().fold(self.intercept, |sum, term| {
            sum + term.coefficient * product(&term.features)
        }))
    }
}
