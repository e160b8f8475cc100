//! Follows a page's content and notes where it leaves ink, letters and lines.

use super::effort::Effort;
use super::font::Font;
use super::geometry::{Matrix, overlap};
use super::operators::Operators;
use super::path::Path;
use super::sheet::Sketch;
use super::stream::decoded;
use super::text::Text;
use crate::Rect;
use crate::file::Document;
use crate::syntax::{Id, Node};
use std::collections::HashMap;
use std::rc::Rc;

/// Deepest nesting of forms, and of saved states.
const DEEPEST_FORM: usize = 12;
const DEEPEST_STATE: usize = 256;

/// Reads content into a sketch.
pub(super) struct Machine<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    pub(super) effort: &'d mut Effort,
    pub(super) sketch: Sketch,
    fonts: HashMap<Id, Option<Rc<Font>>>,
}

/// What a painting operator depends on (ISO 32000-2, 8.4).
#[derive(Clone)]
pub(super) struct State {
    pub(super) matrix: Matrix,
    pub(super) clip: Rect,
    /// Painting in white or nearly so leaves no ink.
    fills_white: bool,
    strokes_white: bool,
    pub(super) text: Text,
}

/// The named things of one content stream.
#[derive(Default)]
struct Resources {
    fonts: Option<Node>,
    objects: Option<Node>,
}

impl State {
    pub(super) fn new(matrix: Matrix, clip: Rect) -> Self {
        Self {
            matrix,
            clip,
            fills_white: false,
            strokes_white: false,
            text: Text::default(),
        }
    }
}

impl<'d, 'a> Machine<'d, 'a> {
    pub(super) fn new(document: &'d Document<'a>, effort: &'d mut Effort, sketch: Sketch) -> Self {
        Self {
            document,
            effort,
            sketch,
            fonts: HashMap::new(),
        }
    }

    /// Follows one content stream.
    pub(super) fn run(&mut self, content: &[u8], names: Option<&Node>, start: State, depth: usize) {
        let resources = self.resources(names);
        let mut operators = Operators::new(content);
        let mut operands = Vec::new();
        let (mut state, mut saved, mut path) = (start, Vec::new(), Path::default());
        while let Some(operator) = operators.next(&mut operands) {
            if !self.effort.step(1) {
                return;
            }
            let numbers: Vec<f64> = operands.iter().filter_map(Node::number).collect();
            match operator {
                b"q" if saved.len() < DEEPEST_STATE => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => {
                    if let Some(matrix) = Matrix::read(&operands) {
                        state.matrix = matrix.then(state.matrix);
                    }
                }
                b"g" | b"rg" | b"k" | b"sc" | b"scn" => state.fills_white = is_white(&numbers),
                b"G" | b"RG" | b"K" | b"SC" | b"SCN" => state.strokes_white = is_white(&numbers),
                b"cs" => state.fills_white = false,
                b"CS" => state.strokes_white = false,
                b"Do" => self.paint_object(&resources, operands.first(), names, &state, depth),
                b"EI" => self
                    .sketch
                    .picture(state.matrix.around([0.0, 0.0, 1.0, 1.0]), state.clip),
                b"sh" => self.sketch.fill(state.clip, state.clip),
                b"Tf" => {
                    let name = operands.first().and_then(Node::name);
                    let font = name.and_then(|name| self.font(&resources, name));
                    state
                        .text
                        .set_font(font, numbers.first().copied().unwrap_or(0.0));
                }
                _ => {
                    if !build(&mut path, operator, &numbers, state.matrix) {
                        self.paint(&mut path, operator, &mut state);
                        let steps = state.text.apply(
                            operator,
                            &operands,
                            state.matrix,
                            state.clip,
                            &mut self.sketch,
                        );
                        self.effort.step(steps);
                    }
                }
            }
        }
    }

    fn resources(&mut self, names: Option<&Node>) -> Resources {
        let mut part = |key: &[u8]| {
            let found = self.document.lookup(names?, key).ok()??;
            self.effort.read(found.span.len());
            Some(found)
        };
        Resources {
            fonts: part(b"Font"),
            objects: part(b"XObject"),
        }
    }

    fn font(&mut self, resources: &Resources, name: &[u8]) -> Option<Rc<Font>> {
        let node = resources.fonts.as_ref()?.get(name)?;
        let Some(id) = node.reference() else {
            return Font::read(self.document, node, self.effort).map(Rc::new);
        };
        if let Some(known) = self.fonts.get(&id) {
            return known.clone();
        }
        let dict = self.document.resolve(node).ok().flatten();
        let font = dict.and_then(|dict| Font::read(self.document, &dict, self.effort));
        let font = font.map(Rc::new);
        self.fonts.insert(id, font.clone());
        font
    }

    fn paint_object(
        &mut self,
        resources: &Resources,
        name: Option<&Node>,
        names: Option<&Node>,
        state: &State,
        depth: usize,
    ) {
        let object = resources.objects.as_ref().zip(name.and_then(Node::name));
        let Some(id) = object.and_then(|(objects, name)| objects.get(name)?.reference()) else {
            return;
        };
        let Ok(Some(object)) = self.document.object(id) else {
            return;
        };
        self.effort.read(object.node.span.len());
        if object.node.get(b"Subtype").and_then(Node::name) == Some(b"Image") {
            let place = state.matrix.around([0.0, 0.0, 1.0, 1.0]);
            self.sketch.picture(place, state.clip);
        } else {
            self.form(id, names, state.clone(), depth + 1);
        }
    }

    /// Follows a form; `names` serve a form that has no resources of its own (PDF 1.1).
    pub(super) fn form(&mut self, id: Id, names: Option<&Node>, mut state: State, depth: usize) {
        if depth > DEEPEST_FORM || self.effort.spent() {
            return;
        }
        let Some((dict, content)) = decoded(self.document, id, self.effort) else {
            return;
        };
        let list = |key: &[u8]| self.document.lookup(&dict, key).ok().flatten();
        if let Some(matrix) = list(b"Matrix").and_then(|list| Matrix::read(list.items()?)) {
            state.matrix = matrix.then(state.matrix);
        }
        let corners: Option<Vec<f64>> = list(b"BBox")
            .and_then(|list| Some(list.items()?.iter().filter_map(Node::number).collect()));
        if let Some([x0, y0, x1, y1]) = corners.as_deref() {
            state.clip = overlap(state.clip, state.matrix.around([*x0, *y0, *x1, *y1]));
        }
        let own = list(b"Resources");
        self.run(&content, own.as_ref().or(names), state, depth);
    }

    fn paint(&mut self, path: &mut Path, operator: &[u8], state: &mut State) {
        let (fills, strokes) = match operator {
            b"f" | b"F" | b"f*" => (true, false),
            b"S" => (false, true),
            b"s" => {
                path.close();
                (false, true)
            }
            b"B" | b"B*" => (true, true),
            b"b" | b"b*" => {
                path.close();
                (true, true)
            }
            b"W" | b"W*" => {
                path.clips = true;
                return;
            }
            b"n" => (false, false),
            _ => return,
        };
        let path = std::mem::take(path);
        if fills && !state.fills_white {
            self.sketch.fill_parts(&path, state.clip);
        }
        if strokes && !state.strokes_white {
            let steps = self.sketch.stroke_parts(&path, state.clip);
            self.effort.step(steps);
        }
        if path.clips
            && let Some(bounds) = path.bounds()
        {
            state.clip = overlap(state.clip, bounds);
        }
    }
}

/// Applies a path construction operator; says whether it was one.
fn build(path: &mut Path, operator: &[u8], numbers: &[f64], matrix: Matrix) -> bool {
    match (operator, numbers) {
        (b"m", [x, y]) => path.move_to(matrix, *x, *y),
        (b"l", [x, y]) => path.line_to(matrix, *x, *y),
        (b"c", [x1, y1, x2, y2, x, y]) => path.curve_to(matrix, [*x1, *y1, *x2, *y2, *x, *y]),
        (b"v", [x2, y2, x, y]) => path.curve_from_here(matrix, [*x2, *y2, *x, *y]),
        (b"y", [x1, y1, x, y]) => path.curve_to(matrix, [*x1, *y1, *x, *y, *x, *y]),
        (b"re", [x, y, width, height]) => path.rectangle(matrix, [*x, *y, *width, *height]),
        (b"h", _) => path.close(),
        _ => return false,
    }
    true
}

/// White, or so near that nobody sees it. One number may be a tint, where 1 is the darkest, so only grey's 1 counts.
fn is_white(color: &[f64]) -> bool {
    match color {
        [grey] => *grey >= 1.0,
        [_, _, _] => color.iter().all(|part| *part > 0.95),
        [_, _, _, _] => color.iter().all(|part| *part < 0.04),
        _ => false,
    }
}
