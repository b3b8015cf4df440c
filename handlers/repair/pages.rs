//! A list, page by page: what a repair holds in memory.

use std::future::Future;

use futures::{Stream, stream};

use crate::state::StoreError;

/// How many names are listed at a time.
pub(super) const PAGE: u32 = 500;

/// A page of a list, and where the next one begins.
type Page<T> = (Vec<T>, Option<String>);

/// Where the next page is asked for.
enum At {
    Start,
    From(String),
    End,
}

/// The pages of what `list` lists from somewhere on.
pub(super) fn pages<T, F>(
    list: impl Fn(Option<String>) -> F,
) -> impl Stream<Item = Result<Vec<T>, StoreError>>
where
    F: Future<Output = Result<Page<T>, StoreError>>,
{
    stream::try_unfold((At::Start, list), |(at, list)| async move {
        let from = match at {
            At::Start => None,
            At::From(from) => Some(from),
            At::End => return Ok(None),
        };
        let (page, next) = list(from).await?;
        let next = next.map_or(At::End, At::From);
        Ok(Some((page, (next, list))))
    })
}
