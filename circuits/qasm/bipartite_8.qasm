OPENQASM 3.0;
// bipartite_8: two beams, every pair across meets once: circuit over four classical solvers
// 8 neutrinos, 16 encounters in 4 layers, to t = 1
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
qubit[8] nu;
ry(0.2) nu[0];
ry(0.2) nu[1];
ry(0.2) nu[2];
ry(0.2) nu[3];
ry(2.9415926535897934) nu[4];
ry(2.9415926535897934) nu[5];
ry(2.9415926535897934) nu[6];
ry(2.9415926535897934) nu[7];
rz(-3.141592653589793) nu[4];
rz(-3.141592653589793) nu[5];
rz(-3.141592653589793) nu[6];
rz(-3.141592653589793) nu[7];
// t = 0.0
rz(-0.0125) nu[0];
rz(-0.0125) nu[4];
xx_plus_yy(1.0, 0.0) nu[0], nu[4];
rzz(0.5) nu[0], nu[4];
rz(-0.0125) nu[1];
rz(-0.0125) nu[5];
xx_plus_yy(1.0, 0.0) nu[1], nu[5];
rzz(0.5) nu[1], nu[5];
rz(-0.0125) nu[2];
rz(-0.0125) nu[6];
xx_plus_yy(1.0, 0.0) nu[2], nu[6];
rzz(0.5) nu[2], nu[6];
rz(-0.0125) nu[3];
rz(-0.0125) nu[7];
xx_plus_yy(1.0, 0.0) nu[3], nu[7];
rzz(0.5) nu[3], nu[7];
rz(-0.0125) nu[0];
rz(-0.0125) nu[1];
rz(-0.0125) nu[2];
rz(-0.0125) nu[3];
rz(-0.0125) nu[4];
rz(-0.0125) nu[5];
rz(-0.0125) nu[6];
rz(-0.0125) nu[7];
// t = 0.25
rz(-0.0125) nu[0];
rz(-0.0125) nu[5];
xx_plus_yy(1.0, 0.0) nu[0], nu[5];
rzz(0.5) nu[0], nu[5];
rz(-0.0125) nu[1];
rz(-0.0125) nu[6];
xx_plus_yy(1.0, 0.0) nu[1], nu[6];
rzz(0.5) nu[1], nu[6];
rz(-0.0125) nu[2];
rz(-0.0125) nu[7];
xx_plus_yy(1.0, 0.0) nu[2], nu[7];
rzz(0.5) nu[2], nu[7];
rz(-0.0125) nu[3];
rz(-0.0125) nu[4];
xx_plus_yy(1.0, 0.0) nu[3], nu[4];
rzz(0.5) nu[3], nu[4];
rz(-0.0125) nu[0];
rz(-0.0125) nu[1];
rz(-0.0125) nu[2];
rz(-0.0125) nu[3];
rz(-0.0125) nu[4];
rz(-0.0125) nu[5];
rz(-0.0125) nu[6];
rz(-0.0125) nu[7];
// t = 0.5
rz(-0.0125) nu[0];
rz(-0.0125) nu[6];
xx_plus_yy(1.0, 0.0) nu[0], nu[6];
rzz(0.5) nu[0], nu[6];
rz(-0.0125) nu[1];
rz(-0.0125) nu[7];
xx_plus_yy(1.0, 0.0) nu[1], nu[7];
rzz(0.5) nu[1], nu[7];
rz(-0.0125) nu[2];
rz(-0.0125) nu[4];
xx_plus_yy(1.0, 0.0) nu[2], nu[4];
rzz(0.5) nu[2], nu[4];
rz(-0.0125) nu[3];
rz(-0.0125) nu[5];
xx_plus_yy(1.0, 0.0) nu[3], nu[5];
rzz(0.5) nu[3], nu[5];
rz(-0.0125) nu[0];
rz(-0.0125) nu[1];
rz(-0.0125) nu[2];
rz(-0.0125) nu[3];
rz(-0.0125) nu[4];
rz(-0.0125) nu[5];
rz(-0.0125) nu[6];
rz(-0.0125) nu[7];
// t = 0.75
rz(-0.0125) nu[0];
rz(-0.0125) nu[7];
xx_plus_yy(1.0, 0.0) nu[0], nu[7];
rzz(0.5) nu[0], nu[7];
rz(-0.0125) nu[1];
rz(-0.0125) nu[4];
xx_plus_yy(1.0, 0.0) nu[1], nu[4];
rzz(0.5) nu[1], nu[4];
rz(-0.0125) nu[2];
rz(-0.0125) nu[5];
xx_plus_yy(1.0, 0.0) nu[2], nu[5];
rzz(0.5) nu[2], nu[5];
rz(-0.0125) nu[3];
rz(-0.0125) nu[6];
xx_plus_yy(1.0, 0.0) nu[3], nu[6];
rzz(0.5) nu[3], nu[6];
rz(-0.0125) nu[0];
rz(-0.0125) nu[1];
rz(-0.0125) nu[2];
rz(-0.0125) nu[3];
rz(-0.0125) nu[4];
rz(-0.0125) nu[5];
rz(-0.0125) nu[6];
rz(-0.0125) nu[7];
// t = 1.0
