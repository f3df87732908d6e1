//! Goes through the objects of an export, in whatever lists they come: a list of a tool, the list in an answer of the
//! interface (`{"items": […]}`), one object alone, several documents behind prompts.

use super::json::{self, Object, Value};

/// Hands each object on, and says whether something is cut off or damaged. The elements of lists that are members called one
/// of `lists` are objects of their own; an object that has none of these is handed on whole.
pub(crate) fn objects(text: &str, lists: &[&str], visit: &mut dyn FnMut(&Object<'_>)) -> bool {
    let mut is_cut_off = false;
    let mut at = 0;
    while let Some(start) = json::start(text, at) {
        match json::skip(text, start) {
            Ok(end) => at = end,
            // What stopped it may itself be the beginning of something.
            Err(far) => {
                is_cut_off |= far > start + 1;
                at = next_line(text, far.max(start + 1));
            }
        }
        enter(text, start, lists, visit);
    }
    is_cut_off
}

fn next_line(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |line| at + line + 1)
}

fn enter(text: &str, start: usize, lists: &[&str], visit: &mut dyn FnMut(&Object<'_>)) {
    if text[start..].starts_with('[') {
        for part in json::elements(text, start).filter(|part| part.end.is_ok()) {
            enter_object(text, part.start, lists, visit);
        }
    } else {
        enter_object(text, start, lists, visit);
    }
}

/// An object, or a list in a list: `--query "Reservations[].Instances"` gives such.
fn enter_object(text: &str, start: usize, lists: &[&str], visit: &mut dyn FnMut(&Object<'_>)) {
    let is_list = |name: &str| lists.iter().any(|list| name.eq_ignore_ascii_case(list));
    if text[start..].starts_with('{') {
        let mut has_list = false;
        for part in json::members(text, start) {
            if is_list(&part.name) && text[part.start..].starts_with('[') {
                has_list = true;
                for element in json::elements(text, part.start).filter(|element| element.end.is_ok()) {
                    hand_on(text, element.start, lists, visit);
                }
            }
        }
        if has_list {
            return;
        }
    }
    hand_on(text, start, lists, visit);
}

fn hand_on(text: &str, start: usize, lists: &[&str], visit: &mut dyn FnMut(&Object<'_>)) {
    if let Some((value, _)) = json::tree(text, start) {
        within(&value, lists, visit);
    }
}

fn within(value: &Value<'_>, lists: &[&str], visit: &mut dyn FnMut(&Object<'_>)) {
    for element in value.list() {
        within(element, lists, visit);
    }
    let Some(object) = value.object() else { return };
    let mut inner =
        lists.iter().filter_map(|list| object.member(list)).filter(|value| !value.list().is_empty()).peekable();
    if inner.peek().is_none() {
        visit(object);
    }
    for list in inner {
        within(list, lists, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<String>, bool) {
        let mut names = Vec::new();
        let is_cut_off = objects(text, &["Reservations", "Instances"], &mut |object| {
            names.extend(object.member("n").and_then(Value::text).map(str::to_owned));
        });
        (names, is_cut_off)
    }

    #[test]
    fn objects_of_every_form_of_list() {
        let text = "C:\\> aws x\n{\"Reservations\": [{\"Instances\": [{\"n\": 1}, {\"n\": 2}]}, {\"Instances\": [{\"n\": 3}]}]}\n\
                    [[{\"n\": 4}], [{\"n\": 5}]]\n{\"n\": 6}\n[{\"n\": 7}, {\"Instances\": [{\"n\": 8}]}, [[]], 9]";
        assert_eq!(names(text), (["1", "2", "3", "4", "5", "6", "7", "8"].map(str::to_owned).to_vec(), false));
    }

    #[test]
    fn what_is_whole_counts_where_the_end_is_missing() {
        assert_eq!(names("{\"Reservations\": [{\"Instances\": [{\"n\": 1}]}, {\"Inst"), (vec!["1".to_owned()], true));
        assert_eq!(names("[{\"n\": 1}, {\"n\": "), (vec!["1".to_owned()], true));
        assert_eq!(names("[Version]\n{x}\n"), (vec![], false));
    }

    #[test]
    fn time_is_linear() {
        for piece in ["{\"a\":", "[", "{\"Instances\":[", "[{", "[\n", "{\"Instances\":[{}],\n"] {
            names(&piece.repeat(200_000 / piece.len()));
        }
    }
}
