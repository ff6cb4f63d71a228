//! The choice of one tensor among those of a file.

use std::path::Path;

use super::Result;
use super::error::{Place, TensorError, quoted};

/// How many tensors an error lists.
const LISTED: usize = 12;
/// How much of a name is compared.
const COMPARED: usize = 64;

/// Finds the tensor asked for, or the only one; `shape` is asked for those that an error lists.
pub(super) fn choose(
    path: &Path,
    wanted: Option<&str>,
    names: &[&str],
    shape: impl Fn(usize) -> Option<Vec<u64>>,
) -> Result<usize> {
    let list = |order: &[usize]| -> Vec<String> {
        let listed = order.iter().take(LISTED).map(|&index| match shape(index) {
            Some(shape) => format!("{} {shape:?}", quoted(names[index])),
            None => format!("{} (its header is not readable)", quoted(names[index])),
        });
        let more = order.len().checked_sub(LISTED).filter(|&more| more > 0);
        listed.chain(more.map(|more| format!("and {more} more"))).collect()
    };
    let mut order: Vec<usize> = (0..names.len()).collect();
    let path_held = path.to_path_buf();
    if names.is_empty() {
        return Err(TensorError::NoTensor { path: path_held });
    }
    let Some(wanted) = wanted else {
        if names.len() == 1 {
            return Ok(0);
        }
        let tensors = list(&order);
        return Err(TensorError::Ambiguous { path: path_held, count: names.len(), tensors });
    };
    let mut found = order.iter().copied().filter(|&index| names[index] == wanted);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(TensorError::Malformed {
            place: Place::tensor(path, wanted),
            what: "the file holds two tensors of this name".to_owned(),
            right: "names that differ",
        }),
        _ => {
            order.sort_by_cached_key(|&index| distance(wanted, names[index]));
            let tensors = list(&order);
            Err(TensorError::Missing { path: path_held, name: wanted.to_owned(), tensors })
        }
    }
}

/// Counts the letters to insert, delete or change to turn one name into the other (Levenshtein 1966).
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(COMPARED).collect();
    let mut costs: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.chars().take(COMPARED).enumerate() {
        let mut diagonal = costs[0];
        costs[0] = row + 1;
        for (column, &facing) in other.iter().enumerate() {
            let change = diagonal + usize::from(letter != facing);
            diagonal = costs[column + 1];
            costs[column + 1] = change.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[other.len()]
}
