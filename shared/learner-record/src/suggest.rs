//! Guessing what the author of a record meant.

/// The known term that is nearest to a mistyped one, if any is near: at most a third of its letters differ.
pub(crate) fn nearest<'a>(term: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = term.chars().count();
    let allowed = (length / 3).max(1);
    known
        .into_iter()
        // A difference in length alone is that many letters: a term of megabytes is compared with nothing.
        .filter(|candidate| *candidate != term && candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (distance(&term.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters to insert, drop or change to come from one text to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: [&str; 4] = ["Course", "CoCurricular", "id", "description"];

    #[test]
    fn a_slip_of_the_pen_is_recognized() {
        for (written, meant) in [
            ("course", "Course"),
            ("Cours", "Course"),
            ("descripton", "description"),
            ("co-curricular", "CoCurricular"),
        ] {
            assert_eq!(nearest(written, TERMS), Some(meant), "{written}");
        }
    }

    #[test]
    fn something_else_altogether_is_not_mistaken_for_a_term() {
        for written in ["studentNumber", "x", "", "gpa", "en", "Course"] {
            assert_eq!(nearest(written, TERMS), None, "{written}");
        }
    }

    #[test]
    fn distance_counts_edits() {
        for (from, to, edits) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(from, to), edits, "{from} {to}");
        }
    }
}
