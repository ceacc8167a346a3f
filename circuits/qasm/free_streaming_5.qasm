OPENQASM 3.0;
// free_streaming_5: six kicks with vacuum oscillation in between, given one by one: a reference case
// 5 neutrinos, 6 encounters in 4 layers, to t = 3
// nu[k] is neutrino k, |0> = nu_1 and |1> = nu_2 (mass basis), P = (<X>, <Y>, <Z>);
// xx_plus_yy(a, 0) = exp(-i a (XX + YY)/4), rzz(a) = exp(-i a ZZ/2).
// What stands before a comment "// t = T" is the state at T, in 1/mu.
include "stdgates.inc";
gate sxdg _gate_q_0 {
  s _gate_q_0;
  h _gate_q_0;
  s _gate_q_0;
}
gate xx_plus_yy(p0, p1) _gate_q_0, _gate_q_1 {
  rz(p1) _gate_q_0;
  sdg _gate_q_1;
  sx _gate_q_1;
  s _gate_q_1;
  s _gate_q_0;
  cx _gate_q_1, _gate_q_0;
  ry((-0.5)*p0) _gate_q_1;
  ry((-0.5)*p0) _gate_q_0;
  cx _gate_q_1, _gate_q_0;
  sdg _gate_q_0;
  sdg _gate_q_1;
  sxdg _gate_q_1;
  s _gate_q_1;
  rz(-p1) _gate_q_0;
}
gate rzz(p0) _gate_q_0, _gate_q_1 {
  cx _gate_q_0, _gate_q_1;
  rz(p0) _gate_q_1;
  cx _gate_q_0, _gate_q_1;
}
qubit[5] nu;
ry(1.7270339120997125) nu[0];
ry(2.818610497151482) nu[1];
ry(2.197402190976543) nu[2];
ry(2.715007567063683) nu[3];
ry(1.428320000945263) nu[4];
rz(-1.5787285254835182) nu[0];
rz(1.319596089073156) nu[1];
rz(-0.9894116655977638) nu[2];
rz(-1.401312123721703) nu[3];
rz(-2.216878277323953) nu[4];
// t = 0.0
rz(-0.15) nu[0];
rz(0.06) nu[1];
xx_plus_yy(0.8, 0.0) nu[0], nu[1];
rzz(0.4) nu[0], nu[1];
rz(-0.1) nu[0];
rz(0.04000000000000001) nu[1];
rz(-0.45) nu[2];
rz(-0.05) nu[3];
rz(0.35) nu[4];
// t = 0.5
xx_plus_yy(1.4, 0.0) nu[2], nu[3];
rzz(0.7) nu[2], nu[3];
rz(-0.25) nu[0];
rz(0.1) nu[1];
rz(-0.45) nu[2];
rz(-0.05) nu[3];
rz(0.35) nu[4];
// t = 1.0
rz(0.020000000000000018) nu[1];
rz(-0.09000000000000008) nu[2];
xx_plus_yy(-0.6, 0.0) nu[1], nu[2];
rzz(-0.3) nu[1], nu[2];
rz(0.07000000000000006) nu[4];
rz(-0.050000000000000044) nu[0];
xx_plus_yy(2.4, 0.0) nu[4], nu[0];
rzz(1.2) nu[4], nu[0];
rz(-0.19999999999999996) nu[0];
rz(0.07999999999999999) nu[1];
rz(-0.35999999999999993) nu[2];
rz(-0.05) nu[3];
rz(0.2799999999999999) nu[4];
// t = 1.5
rz(-0.25) nu[0];
rz(0.1) nu[1];
rz(-0.45) nu[2];
rz(-0.05) nu[3];
rz(0.35) nu[4];
// t = 2.0
xx_plus_yy(0.5, 0.0) nu[3], nu[4];
rzz(0.25) nu[3], nu[4];
rz(0.07999999999999999) nu[1];
rz(0.2799999999999999) nu[4];
xx_plus_yy(1.2, 0.0) nu[1], nu[4];
rzz(0.6) nu[1], nu[4];
rz(-0.25) nu[0];
rz(0.020000000000000018) nu[1];
rz(-0.45) nu[2];
rz(-0.05) nu[3];
rz(0.07000000000000006) nu[4];
// t = 2.5
rz(-0.25) nu[0];
rz(0.1) nu[1];
rz(-0.45) nu[2];
rz(-0.05) nu[3];
rz(0.35) nu[4];
// t = 3.0
