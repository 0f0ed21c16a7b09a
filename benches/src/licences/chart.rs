//! What each page costs, as a picture.

use super::Cell;
use std::fmt::Write;

const LEFT: f64 = 190.0;
const WIDTH: f64 = 380.0;
const ROW: f64 = 20.0;
const TOP: f64 = 70.0;

/// The colours of the first, the middle and the last page.
const COLOURS: [&str; 3] = ["#9cc3e6", "#4a8fc7", "#1c4f7c"];

/// Bars of the p99 of the lists that are no pairs, a column for each engine.
pub fn svg(series: &[(&str, &[Cell])], count: u64) -> String {
    let alone = |cells: &'_ [Cell]| cells.iter().filter(|cell| cell.is_alone).count();
    let rows = series
        .iter()
        .map(|(_, cells)| alone(cells))
        .max()
        .unwrap_or(0);
    let width = LEFT + series.len() as f64 * (WIDTH + 60.0);
    let height = TOP + rows as f64 * ROW + 40.0;
    let worst = series.iter().flat_map(|(_, cells)| cells.iter());
    let worst = worst.filter(|cell| cell.is_alone).map(Cell::worst_ms);
    let scale = WIDTH / worst.fold(1.0, f64::max);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"22\" font-size=\"15\">Pages of 20 out of {count} licences: 99 of 100 \
         answers within, in ms</text>"
    );
    for (at, name) in ["first", "middle", "last"].iter().enumerate() {
        let x = LEFT + at as f64 * 80.0;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"32\" width=\"10\" height=\"10\" fill=\"{}\"/>\
             <text x=\"{}\" y=\"41\">{name} page</text>",
            COLOURS[at],
            x + 14.0
        );
    }
    for (column, (engine, cells)) in series.iter().enumerate() {
        let x = LEFT + column as f64 * (WIDTH + 60.0);
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"62\" font-weight=\"bold\">{engine}</text>"
        );
        for (row, cell) in cells.iter().filter(|cell| cell.is_alone).enumerate() {
            let y = TOP + row as f64 * ROW;
            if column == 0 {
                let name = &cell.name;
                let _ = writeln!(
                    out,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>",
                    LEFT - 6.0,
                    y + 12.0
                );
            }
            for (page, ms) in cell.p99_ms.iter().enumerate() {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{}\" width=\"{:.1}\" height=\"5\" fill=\"{}\"/>",
                    y + page as f64 * 5.5,
                    ms * scale,
                    COLOURS[page]
                );
            }
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{}\">{:.1}</text>",
                x + cell.worst_ms() * scale + 4.0,
                y + 12.0,
                cell.worst_ms()
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_that_is_no_pair_has_its_bars() {
        let cell = |name: &str, is_alone| Cell {
            name: name.to_owned(),
            is_alone,
            total: 10,
            first_look_ms: 2.0,
            p50_ms: [0.5; 3],
            p99_ms: [1.0, 2.0, 4.0],
        };
        let cells = [cell("Mode", true), cell("Mode, Grades", false)];
        let text = svg(&[("SQLite", &cells), ("PostgreSQL", &cells)], 1_000);
        assert_eq!(text.matches("height=\"5\"").count(), 6);
        assert_eq!(text.matches("<text").count(), 1 + 3 + 2 + 1 + 2);
        assert!(text.contains("width=\"380.0\"") && !text.contains("Mode, Grades"));
    }
}
