//! Figures as a picture: groups of bars, each with its value.

use std::fmt::Write as _;

/// The colours of the series, which people with any sight tell apart.
const COLOURS: [&str; 4] = ["#56b4e9", "#0072b2", "#f0c04a", "#d55e00"];

/// The height of a bar, and the space between groups, in pixels.
const BAR: usize = 18;
const GAP: usize = 16;

/// Where bars begin, and how long the longest is.
const LEFT: usize = 230;
const LONGEST: f64 = 480.0;

/// A group of bars: its name, the unit of its values, and one value for each series.
pub struct Group {
    /// What was measured.
    pub name: String,
    /// The unit of the values.
    pub unit: &'static str,
    /// One value for each series.
    pub values: Vec<f64>,
}

/// A standalone SVG document. The bars of a group are drawn to the longest of them.
pub fn svg(title: &str, series: &[String], groups: &[Group]) -> String {
    let mut body = String::new();
    let mut y = 56;
    for (name, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let _ = writeln!(
            body,
            "<rect x=\"20\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"40\" y=\"{}\">{name}</text>",
            y + 11
        );
        y += BAR;
    }
    for group in groups {
        y += GAP;
        let _ = writeln!(
            body,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 10,
            y + 13,
            group.name
        );
        let longest = group
            .values
            .iter()
            .copied()
            .fold(f64::MIN_POSITIVE, f64::max);
        for (value, colour) in group.values.iter().zip(COLOURS.iter().cycle()) {
            let width = value / longest * LONGEST;
            let _ = writeln!(
                body,
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" \
                 fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{}\">{value:.2} {}</text>",
                BAR - 3,
                LEFT as f64 + width + 6.0,
                y + 12,
                group.unit
            );
            y += BAR;
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"840\" height=\"{}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"20\" y=\"30\" font-size=\"16\">{title}</text>\n{body}</svg>\n",
        y + 20
    )
}
