//! The curves as a picture.

use super::{MinuteTold, Report};
use crate::settings::FUNCTIONS;
use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const PANEL: f64 = 150.0;
const LEFT: f64 = 70.0;
const COLOURS: [&str; 4] = ["#1b6ca8", "#c8553d", "#588157", "#8a5a9e"];
/// Minutes before the end of the curve that are shown, unless the run is shorter.
const SHOWN: u64 = 8 * 60;

type Curve<'a> = (&'a str, Box<dyn Fn(&MinuteTold) -> f64>);

/// A run's last hours: arrivals and stamps, what waits, how long it waits, workers.
#[must_use]
pub fn svg(r: &Report) -> String {
    let from = (r.curve_ends_s / 60)
        .saturating_sub(SHOWN)
        .max(r.from_s / 60);
    let minutes: Vec<&MinuteTold> = r.minutes.iter().filter(|m| m.minute >= from).collect();
    let panels: [(&str, Vec<Curve<'_>>); 4] = [
        (
            "documents a second",
            vec![
                ("came", Box::new(|m: &MinuteTold| m.arrived_per_s)),
                ("stamped", Box::new(|m: &MinuteTold| m.stamped_per_s)),
            ],
        ),
        (
            "waiting",
            vec![
                (
                    "uploads",
                    Box::new(|m: &MinuteTold| m.uploads_waiting as f64),
                ),
                (
                    "documents",
                    Box::new(|m: &MinuteTold| m.documents_waiting as f64),
                ),
            ],
        ),
        (
            "longest wait, s",
            vec![("upload to stamped", Box::new(|m: &MinuteTold| m.longest_s))],
        ),
        (
            "environments at work",
            FUNCTIONS.iter().enumerate().map(of_function).collect(),
        ),
    ];
    let height = PANEL.mul_add(panels.len() as f64, 60.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"15\">Deadline day at {}x: {} documents, {} lost</text>\n",
        r.scale, r.arrived, r.lost
    );
    for (n, (title, curves)) in panels.iter().enumerate() {
        let top = PANEL.mul_add(n as f64, 40.0);
        // Writing to a text does not fail.
        let _ = panel(&mut out, top, title, curves, &minutes);
    }
    let _ = hours(&mut out, &minutes, height);
    out.push_str("</svg>\n");
    out
}

fn of_function((n, name): (usize, &&'static str)) -> Curve<'static> {
    (
        name,
        Box::new(move |m: &MinuteTold| m.at_work.get(n).map_or(0.0, |n| *n as f64)),
    )
}

fn x_of(index: usize, count: usize) -> f64 {
    LEFT + (WIDTH - LEFT - 20.0) * index as f64 / count.saturating_sub(1).max(1) as f64
}

fn panel(
    out: &mut String,
    top: f64,
    title: &str,
    curves: &[Curve<'_>],
    minutes: &[&MinuteTold],
) -> std::fmt::Result {
    let tall = PANEL - 35.0;
    let values = curves
        .iter()
        .flat_map(|(_, of)| minutes.iter().map(|m| of(m)));
    let most = values.fold(1.0, f64::max);
    let bottom = top + tall;
    writeln!(
        out,
        "<line x1=\"{LEFT}\" y1=\"{bottom}\" x2=\"{}\" y2=\"{bottom}\" stroke=\"#999\"/>\n<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{most:.0}</text>\n<text x=\"{}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n<text x=\"{LEFT}\" y=\"{}\">{title}</text>",
        WIDTH - 20.0,
        LEFT - 6.0,
        top + 12.0,
        LEFT - 6.0,
        top - 3.0
    )?;
    for (n, ((name, of), colour)) in curves.iter().zip(COLOURS).enumerate() {
        let mut points = String::new();
        for (index, minute) in minutes.iter().enumerate() {
            write!(
                points,
                "{:.1},{:.1} ",
                x_of(index, minutes.len()),
                bottom - tall * of(minute) / most
            )?;
        }
        let at = 130.0f64.mul_add(n as f64, LEFT + 200.0);
        writeln!(
            out,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>\n<text x=\"{at}\" y=\"{}\" fill=\"{colour}\">{name}</text>",
            points.trim_end(),
            top - 3.0
        )?;
    }
    Ok(())
}

fn hours(out: &mut String, minutes: &[&MinuteTold], height: f64) -> std::fmt::Result {
    let y = height - 28.0;
    for (index, minute) in minutes
        .iter()
        .enumerate()
        .filter(|(_, m)| m.minute % 60 == 0)
    {
        let x = x_of(index, minutes.len());
        writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{:02}:00</text>",
            minute.minute / 60 % 24
        )?;
    }
    Ok(())
}
