#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kmsdoctor_fuzz::sntp_message(data));
