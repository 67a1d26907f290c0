//! Identifier issuers, section 4.5.

const NONE: u32 = u32::MAX;

/// Gives blank nodes the numbers 0, 1, 2, … in the order in which they come. What was issued last can be taken back,
/// which stands for the copies of an issuer that the specification makes.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    prefix: &'static [u8],
    numbers: Vec<u32>,
    order: Vec<u32>,
}

impl Issuer {
    /// `prefix` stands before the number in an identifier, `_:` included.
    pub(crate) fn new(prefix: &'static [u8], blanks: u32) -> Self {
        Self {
            prefix,
            numbers: vec![NONE; blanks as usize],
            order: Vec::new(),
        }
    }

    pub(crate) fn number(&self, blank: u32) -> Option<u32> {
        Some(self.numbers[blank as usize]).filter(|number| *number != NONE)
    }

    /// Issues an identifier. Returns whether there was none before.
    pub(crate) fn issue(&mut self, blank: u32) -> bool {
        let number = &mut self.numbers[blank as usize];
        let new = *number == NONE;
        if new {
            *number = self.order.len() as u32;
            self.order.push(blank);
        }
        new
    }

    /// The blank nodes in order of issue.
    pub(crate) fn order(&self) -> &[u32] {
        &self.order
    }

    /// Takes back all but the first `length` identifiers.
    pub(crate) fn truncate(&mut self, length: usize) {
        for blank in self.order.drain(length..) {
            self.numbers[blank as usize] = NONE;
        }
    }

    /// Appends the identifier of a blank node, if it has one.
    pub(crate) fn push_identifier(&self, blank: u32, out: &mut Vec<u8>) -> bool {
        let number = self.number(blank);
        if let Some(number) = number {
            out.extend_from_slice(self.prefix);
            push_decimal(number, out);
        }
        number.is_some()
    }
}

fn push_decimal(mut number: u32, out: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}
