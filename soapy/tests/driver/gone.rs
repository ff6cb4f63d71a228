//! Radios whose process ends, and devices that are given up while streams are open.

use super::ether::{Parts, Served, UNIT, device, hear, listener, sender, signal};
use super::module::{alone, command, modules};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Not a test but the process of a radio that holds time; without words it has nothing to do.
#[test]
fn holder() {
    let Ok(path) = std::env::var("AIRLOOP_TEST_HOLDER") else { return };
    let device = device(&format!("driver=airloop,rx=0,radio=holder,ether={path}"));
    let mut tx = sender(&device);
    tx.activate(Some(0)).unwrap();
    tx.write(&[&signal(1, 10_000)], Some(0), false, 20_000_000).unwrap();
    println!("it holds");
    loop {
        std::thread::park();
    }
}

#[test]
fn a_killed_program_frees_its_radio() {
    if !alone("gone::a_killed_program_frees_its_radio") {
        return;
    }
    let served = Served::lockstep(Parts { ports: (2, 1), radios: 2, ..UNIT });
    let mut child = command(&std::env::current_exe().unwrap(), &modules())
        .args(["--exact", "gone::holder", "--nocapture"])
        .env("AIRLOOP_TEST_HOLDER", &served.path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("it holds")));
    let ear = device(&served.arguments("radio=ear,tx=0"));
    let mut rx = listener(&ear);
    rx.activate(Some(0)).unwrap();
    let (_, first) = hear(&mut rx, 10_000, 4096);
    let mut out = [Default::default(); 10];
    assert_eq!(rx.read(&mut [&mut out], 1000).unwrap_err().code as i32, -1);
    child.kill().unwrap();
    child.wait().unwrap();
    let (began, rest) = hear(&mut rx, 50_000, 4096);
    assert!(first == signal(1, 10_000) && began == 10_000_000);
    assert!(rest.iter().all(|x| x.norm_sqr() == 0.0));
    // Its name can be had again.
    device(&served.arguments("radio=holder,rx=0"));
}

#[test]
fn an_ether_that_ends_is_an_error_of_every_stream() {
    if !alone("gone::an_ether_that_ends_is_an_error_of_every_stream") {
        return;
    }
    let served = Served::lockstep(Parts { radios: 2, ..UNIT });
    let device = device(&served.arguments("radio=a"));
    let (mut tx, mut rx) = (sender(&device), listener(&device));
    rx.activate(None).unwrap();
    tx.activate(None).unwrap();
    drop(served);
    let mut out = [Default::default(); 10];
    for _ in 0..2 {
        assert_eq!(rx.read(&mut [&mut out], 20_000_000).unwrap_err().code as i32, -2);
        assert_eq!(tx.write(&[&out], None, false, 20_000_000).unwrap_err().code as i32, -2);
    }
    let (mut mask, mut flags, mut time_ns) = (0, 0, 0);
    assert_eq!(tx.read_status(&mut mask, &mut flags, &mut time_ns, 1000).unwrap_err().code as i32, -1);
    assert!(device.get_hardware_time(None).unwrap_err().message.contains("the ether has ended"));
}
