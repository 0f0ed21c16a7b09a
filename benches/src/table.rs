//! Tables, medians and verdicts, as the commands print them.

/// A table with a heading; the first column reads from the left, the others from the right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column headings.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// The table as Markdown, its columns aligned.
    pub fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            text.push('|');
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let padded = if column == 0 {
                    format!(" {cell:<width$} |")
                } else {
                    format!(" {cell:>width$} |")
                };
                text.push_str(&padded);
            }
            text.push('\n');
            if number == 0 {
                let rules = widths.iter().enumerate().map(|(column, width)| {
                    let end = if column == 0 { '-' } else { ':' };
                    format!("{}{end}|", "-".repeat(width + 1))
                });
                text.push('|');
                text.extend(rules);
                text.push('\n');
            }
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        self.rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    }
}

/// The middle value; zero of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// A whole number with its thousands apart: `12,345`.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.round());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A ratio that has to reach a target.
pub struct Target {
    /// What is compared with what.
    pub what: String,
    /// What was measured.
    pub ratio: f64,
    /// What has to be reached.
    pub target: f64,
    /// What is hoped for.
    pub aim: f64,
}

/// Whether every ratio is at least `share` of its target: what no change may fall below while a
/// target is not reached yet.
pub fn within(targets: &[Target], share: f64) -> bool {
    targets
        .iter()
        .all(|target| target.ratio >= target.target * share)
}

/// Prints how each ratio stands to its target; whether all reach theirs.
pub fn verdict(targets: &[Target]) -> bool {
    let mut table = Table::new(["ratio", "measured", "target", "aim", "verdict"]);
    for target in targets {
        let word = match target.ratio {
            ratio if ratio >= target.aim => "reached, and the aim",
            ratio if ratio >= target.target => "reached",
            _ => "MISSED",
        };
        table.row([
            target.what.clone(),
            format!("{:.2}", target.ratio),
            format!("{:.2}", target.target),
            format!("{:.2}", target.aim),
            word.to_owned(),
        ]);
    }
    println!("{}", table.render());
    targets.iter().all(|target| target.ratio >= target.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(thousands(12.4), "12");
        assert_eq!(thousands(1234.0), "1,234");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
    }
}
