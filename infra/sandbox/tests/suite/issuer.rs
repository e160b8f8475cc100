//! The issuer: through its API in process, and served.

mod books;
mod calls;
mod client;
mod faults;
mod folder;
mod forms;
mod pdf;
mod served;
mod signing;
