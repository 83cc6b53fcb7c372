//! System calls by number.

use std::ffi::CString;
use std::io;

use crate::{Attempted, Outcome};

/// The result of a call as an `Err` when it is -1.
pub fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

pub fn c(text: &str) -> CString {
    CString::new(text).expect("a word has no zero in it")
}

/// `NUMBER ARGUMENT…`; an argument is a number, `=text` for a pointer to text, or `@N` for a
/// pointer to N zeros.
pub fn by_number(arguments: &[String]) -> Attempted {
    let mut held: Vec<Vec<u8>> = Vec::new();
    let mut values = [0_u64; 7];
    for (value, word) in values.iter_mut().zip(arguments) {
        *value = if let Some(text) = word.strip_prefix('=') {
            held.push(c(text).into_bytes_with_nul());
            address(&mut held)
        } else if let Some(length) = word.strip_prefix('@') {
            held.push(vec![0; length.parse().map_err(io::Error::other)?]);
            address(&mut held)
        } else if let Some(negative) = word.strip_prefix('-') {
            negative
                .parse::<u64>()
                .map_err(io::Error::other)?
                .wrapping_neg()
        } else {
            word.parse().map_err(io::Error::other)?
        };
    }
    let [number, a, b, d, e, f, g] = values;
    let number = libc::c_long::try_from(number).map_err(io::Error::other)?;
    // SAFETY: pointers among the arguments lead to memory that is held until after the call, as
    // large as the table of attempts says that the call reads or writes.
    check(unsafe { libc::syscall(number, a, b, d, e, f, g) })?;
    drop(held);
    Ok(Outcome::Done)
}

fn address(held: &mut [Vec<u8>]) -> u64 {
    held.last_mut()
        .map_or(0, |bytes| bytes.as_mut_ptr() as usize as u64)
}

/// getpid by the 32-bit door of a 64-bit kernel.
pub fn through_32_bits() -> Attempted {
    #[cfg(target_arch = "x86_64")]
    {
        let mut result: u32 = 20;
        // SAFETY: getpid takes no argument and touches no memory.
        unsafe {
            std::arch::asm!("int 0x80", inout("eax") result, out("r8") _, out("r9") _,
                out("r10") _, out("r11") _);
        }
        let result = result.cast_signed();
        if result < 0 {
            return Err(io::Error::from_raw_os_error(-result));
        }
    }
    Ok(Outcome::Done)
}
