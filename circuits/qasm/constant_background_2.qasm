OPENQASM 3.0;
// constant_background_2: one neutrino meets fresh partners: two qubits with reset, against the exact map
// 2 neutrinos, 200 encounters in 200 layers, to t = 20
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
qubit[2] nu;
ry(0.6435011087932844) nu[1];
// t = 0.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 0.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 0.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 0.6000000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 0.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 1.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 1.2000000000000002
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 1.4000000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 1.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 1.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 2.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 2.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 2.4000000000000004
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 2.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 2.8000000000000003
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 3.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 3.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 3.4000000000000004
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 3.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 3.8000000000000003
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 4.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 4.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 4.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 4.6000000000000005
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 4.800000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 5.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 5.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 5.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 5.6000000000000005
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 5.800000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 6.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 6.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 6.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 6.6000000000000005
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 6.800000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 7.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 7.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 7.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 7.6000000000000005
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 7.800000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 8.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 8.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 8.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 8.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 8.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 9.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 9.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 9.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 9.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 9.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 10.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 10.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 10.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 10.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 10.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 11.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 11.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 11.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 11.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 11.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 12.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 12.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 12.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 12.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 12.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 13.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 13.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 13.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 13.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 13.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 14.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 14.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 14.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 14.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 14.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 15.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 15.200000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 15.4
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 15.600000000000001
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 15.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 16.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 16.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 16.400000000000002
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 16.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 16.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 17.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 17.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 17.400000000000002
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 17.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 17.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 18.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 18.2
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 18.400000000000002
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 18.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 18.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 19.0
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 19.200000000000003
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 19.400000000000002
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 19.6
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 19.8
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
reset nu[1];
ry(0.6435011087932844) nu[1];
xx_plus_yy(0.2, 0.0) nu[0], nu[1];
rzz(0.1) nu[0], nu[1];
// t = 20.0
