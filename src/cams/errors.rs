//! How this API words a rejection: as every layer does.

use super::contract;
use crate::layer::errors::worded;

worded!(Errors, "CAMS");
