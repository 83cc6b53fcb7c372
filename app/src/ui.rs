//! Parts that pages are made of.

mod bar;
mod change;
mod chart;
mod copy;
mod form;
mod frame;
mod icon;
mod language;
mod load;
mod status;
mod time;

pub use bar::Bar;
pub use change::{Change, ChangeButton, ChangeForm, Failure};
pub use chart::{Chart, Line as ChartLine, Spark, Unit};
pub use copy::CopyField;
pub use form::{FieldError, FormError, TextField, area_text};
pub use frame::{Footer, PageHead, SignOutForm, TopBar};
pub use icon::{Icon, Logo};
pub use language::LanguageSwitch;
pub use load::{load, load_live};
pub use status::{SegmentBadge, SegmentSlots, StatusBadge, is_busy};
pub use time::{AsOf, Due, Moment, Time};
