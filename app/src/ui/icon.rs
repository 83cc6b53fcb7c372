//! The icons, drawn for Carina on a 20 by 20 grid with one line width.

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
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Plus => "M10 4v12M4 10h12",
            Self::Gear => {
                "M8.2 4.1 8.6 1.9 11.4 1.9 11.8 4.1 12.9 4.5 14.7 3.3 16.7 5.3 15.5 7.1 15.9 8.2 18.1 8.6 18.1 11.4 15.9 11.8 15.5 12.9 16.7 14.7 14.7 16.7 12.9 15.5 11.8 15.9 11.4 18.1 \
                 8.6 18.1 8.2 15.9 7.1 15.5 5.3 16.7 3.3 14.7 4.5 12.9 4.1 11.8 1.9 11.4 1.9 8.6 4.1 8.2 4.5 7.1 3.3 5.3 5.3 3.3 7.1 4.5zM10 7.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2"
            }
            Self::Key => {
                "M9.3 10.7 16.5 3.5M13.5 6.5l2.6 2.6M11.5 8.5l1.8 1.8\
                 M7 16.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4"
            }
            Self::Download => "M10 3v9M6.5 8.8 10 12.3l3.5-3.5M3.5 16.5h13",
            Self::Copy => "M7 7h9v9.5H7zM4 12.5V3.5h8.5",
            Self::Check => "m4 10.5 4 4 8-9",
            Self::Trash => {
                "M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.8 11h8.4l.8-11M8.3 8.7v4.8M11.7 8.7v4.8"
            }
            Self::Rebuild => {
                "M16 6.5A7 7 0 0 0 3.6 8M3.5 4v4h4M4 13.5A7 7 0 0 0 16.4 12M16.5 16v-4h-4"
            }
            Self::Scale => "M3 16.5v-5h3.5v5zM8.3 16.5v-9h3.5v9zM13.5 16.5v-13H17v13z",
            Self::Back => "M16 10H4.5M9 5l-5 5 5 5",
            Self::Alert => "M10 3 2.5 16.5h15zM10 8.3v3.7M10 14.2h.01",
            Self::Account => {
                "M10 10a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6M3.5 17a6.5 5.5 0 0 1 13 0"
            }
            Self::Theme => "M10 3a7 7 0 1 0 7 7 5.4 5.4 0 0 1-7-7",
            Self::Chevron => "m5.5 8 4.5 4.5L14.5 8",
            Self::Terminal => "M2.5 4h15v12h-15zM5.5 7.5 8 10l-2.5 2.5M9.8 12.8h4",
            Self::Play => "M6 4.5v11l9-5.5z",
            Self::Stop => "M5.5 5.5h9v9h-9z",
            Self::Pause => "M7 4.5v11M13 4.5v11",
            Self::Bolt => "M11 2.5 4.5 11.500h4.500l-1 6 6.500-9h-4.500z",
            Self::Lines => "M4 5.500h12M4 10h12M4 14.500h7",
            Self::Dots => "M10 4.500h.01M10 10h.01M10 15.500h.01",
            Self::Eye => {
                "M2 10c2-3.700 4.700-5.500 8-5.500s6 1.800 8 5.500c-2 3.700-4.700 5.500-8 5.500S4 13.700 2 10M10 7.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5"
            }
            Self::Close => "M5 5l10 10M15 5 5 15",
            Self::Clock => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 6v4.3l2.8 1.7",
        }
    }

    /// Never the only name of anything: text stands beside it, or a label on its button.
    pub fn view(self) -> AnyView {
        view! {
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                <path d=self.path()/>
            </svg>
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
