//! Parts that pages are made of.

mod bar;
mod copy;
mod frame;
mod form;
mod icon;
mod load;
mod status;
mod time;

pub use bar::Bar;
pub use copy::CopyField;
pub use form::{Failure, FieldError, FormError, TextField, failure};
pub use frame::{Footer, PageHead, SignOutForm, TopBar};
pub use icon::{Icon, Logo};
pub use load::Loaded;
pub use status::{SegmentBadge, SegmentSlots, StatusBadge, is_busy};
pub use time::{Due, Time};
