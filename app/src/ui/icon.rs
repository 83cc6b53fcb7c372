//! The icons: Lucide's, on their grid of 24 by 24, drawn with the one line width that the style gives
//! them.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Plus,
    Gear,
    Key,
    Download,
    Copy,
    Check,
    Trash,
    Rebuild,
    Scale,
    Back,
    Alert,
    Account,
    Theme,
    Chevron,
    Terminal,
    Clock,
    Play,
    Stop,
    Pause,
    Bolt,
    Lines,
    Dots,
    Eye,
    Close,
    Team,
    Hand,
    Leave,
}

impl Icon {
    /// What is within the `svg`.
    fn shapes(self) -> &'static str {
        let data = match self {
            Self::Plus => icondata_lu::LuPlus,
            Self::Gear => icondata_lu::LuSettings,
            Self::Key => icondata_lu::LuKeyRound,
            Self::Download => icondata_lu::LuDownload,
            Self::Copy => icondata_lu::LuCopy,
            Self::Check => icondata_lu::LuCheck,
            Self::Trash => icondata_lu::LuTrash2,
            Self::Rebuild => icondata_lu::LuRefreshCw,
            Self::Scale => icondata_lu::LuChartColumn,
            Self::Back => icondata_lu::LuArrowLeft,
            Self::Alert => icondata_lu::LuTriangleAlert,
            Self::Account => icondata_lu::LuUser,
            Self::Theme => icondata_lu::LuMoon,
            Self::Chevron => icondata_lu::LuChevronDown,
            Self::Terminal => icondata_lu::LuSquareTerminal,
            Self::Clock => icondata_lu::LuClock,
            Self::Play => icondata_lu::LuPlay,
            Self::Stop => icondata_lu::LuSquare,
            Self::Pause => icondata_lu::LuPause,
            Self::Bolt => icondata_lu::LuZap,
            Self::Lines => icondata_lu::LuAlignLeft,
            Self::Dots => icondata_lu::LuEllipsisVertical,
            Self::Eye => icondata_lu::LuEye,
            Self::Close => icondata_lu::LuX,
            Self::Team => icondata_lu::LuUsers,
            Self::Hand => icondata_lu::LuArrowLeftRight,
            Self::Leave => icondata_lu::LuLogOut,
        };
        data.data
    }

    /// Never the only name of anything: text stands beside it, or a label on its button.
    pub fn view(self) -> AnyView {
        view! {
            <svg
                class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"
                inner_html=self.shapes()
            ></svg>
        }
        .into_any()
    }
}

/// The keel and Canopus, brightest star of Carina.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="logo-keel" d="M4 17c2.2 6.600 6.600 10 12 10s9.800-3.400 12-10c-3.600 3.400-7.600 5-12 5s-8.400-1.600-12-5"/>
            <path class="logo-star" d="M16 3l1.900 6.100L24 11l-6.100 1.900L16 19l-1.900-6.100L8 11l6.100-1.900z"/>
        </svg>
    }
}
