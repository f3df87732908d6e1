use super::*;
use crate::readers::testing;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}
