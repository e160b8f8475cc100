//! Who looks after the service. `OPERATORS` names a claim of tokens and a word that must be among its values, such as
//! `cognito:groups=operators`; whose token does not have it is no operator, whatever else it says.

use crate::{
    caller::{Caller, claims},
    problem::Problem,
    scope::words,
};
use axum::{
    Router,
    extract::{FromRequestParts, Request, State},
    middleware::{self, Next},
    response::Response,
};
use bubuh_core::id::AccountId;
use bubuh_store::{Error, setting};
use http::request::Parts;
use std::{collections::HashMap, sync::Arc};

/// Which tokens are operators'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operators {
    claim: String,
    word: String,
}

/// An operator's account.
#[derive(Debug, Clone)]
pub struct Operator(pub AccountId);

/// The caller's token is an operator's.
#[derive(Debug, Clone, Copy)]
struct Marked;

impl Operators {
    /// As `OPERATORS` says.
    ///
    /// # Errors
    /// [`Error::Setting`] when it is not set, or not `claim=word`.
    pub fn from_env() -> Result<Self, Error> {
        Self::read(&setting("OPERATORS")?).ok_or_else(|| Error::Setting {
            name: "OPERATORS",
            why: "is not claim=word".to_owned(),
        })
    }

    /// Reads `claim=word`. A word that a list could not hold as one is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (claim, word) = text.split_once('=')?;
        let whole = words(word).eq([word]) && !word.is_empty();
        (!claim.is_empty() && whole).then(|| Self {
            claim: claim.to_owned(),
            word: word.to_owned(),
        })
    }

    fn has(&self, claims: &HashMap<String, String>) -> bool {
        let said = claims.get(&self.claim);
        said.is_some_and(|said| words(said).any(|word| word == self.word))
    }
}

/// The router, told which callers are operators.
pub fn marked(router: Router, operators: Operators) -> Router {
    let operators = Arc::new(operators);
    router.layer(middleware::from_fn_with_state(operators, mark))
}

async fn mark(
    State(operators): State<Arc<Operators>>,
    mut request: Request,
    next: Next,
) -> Response {
    if claims(&request).is_some_and(|claims| operators.has(claims)) {
        request.extensions_mut().insert(Marked);
    }
    next.run(request).await
}

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Caller(account) = Caller::from_request_parts(parts, state).await?;
        match parts.extensions.get::<Marked>() {
            Some(Marked) => Ok(Self(account)),
            None => Err(Problem::not_an_operator()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(operators: &str, claim: &str, said: &str) -> bool {
        let claims = HashMap::from([(claim.to_owned(), said.to_owned())]);
        Operators::read(operators).unwrap().has(&claims)
    }

    #[test]
    fn an_operator_has_the_word_among_the_values_of_the_claim() {
        for said in [
            "operators",
            "[staff operators]",
            "[\"operators\",\"staff\"]",
        ] {
            assert!(
                has("cognito:groups=operators", "cognito:groups", said),
                "{said}"
            );
        }
    }

    #[test]
    fn who_lacks_the_word_or_has_it_in_another_claim_is_none() {
        for (claim, said) in [
            ("cognito:groups", "[staff]"),
            ("cognito:groups", "[operators-of-another]"),
            ("cognito:groups", ""),
            ("groups", "operators"),
            ("sub", "operators"),
        ] {
            assert!(
                !has("cognito:groups=operators", claim, said),
                "{claim}: {said}"
            );
        }
    }

    #[test]
    fn a_setting_that_could_fit_anybody_is_none() {
        for text in [
            "",
            "=",
            "groups=",
            "=operators",
            "operators",
            "groups=a b",
            "groups=[a]",
        ] {
            assert_eq!(Operators::read(text), None, "{text}");
        }
    }
}
