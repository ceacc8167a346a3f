OPENQASM 3.0;
// tournament_4: the smallest tournament, six encounters: a first circuit for a device
// 4 neutrinos, 6 encounters in 3 layers, to t = 1.5
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
qubit[4] nu;
ry(0.6) nu[0];
ry(0.6) nu[1];
ry(2.541592653589793) nu[2];
ry(2.541592653589793) nu[3];
rz(-3.141592653589793) nu[2];
rz(-3.141592653589793) nu[3];
// t = 0.0
rz(-0.07153218077602769) nu[0];
rz(-0.1534678192239723) nu[3];
xx_plus_yy(0.9989586371237812, 0.0) nu[0], nu[3];
rzz(0.5) nu[0], nu[3];
rz(-0.1284678192239723) nu[1];
rz(-0.04653218077602769) nu[2];
xx_plus_yy(0.9989586371237812, 0.0) nu[1], nu[2];
rzz(0.5) nu[1], nu[2];
rz(-0.07153218077602769) nu[0];
rz(-0.1284678192239723) nu[1];
rz(-0.04653218077602769) nu[2];
rz(-0.1534678192239723) nu[3];
// t = 0.5
rz(-0.0761573818273315) nu[0];
rz(-0.048842618172668495) nu[2];
xx_plus_yy(0.999884249248655, 0.0) nu[0], nu[2];
rzz(0.5) nu[0], nu[2];
rz(-0.15115738182733152) nu[3];
rz(-0.1238426181726685) nu[1];
xx_plus_yy(0.999884249248655, 0.0) nu[3], nu[1];
rzz(0.5) nu[3], nu[1];
rz(-0.0761573818273315) nu[0];
rz(-0.1238426181726685) nu[1];
rz(-0.048842618172668495) nu[2];
rz(-0.15115738182733152) nu[3];
// t = 1.0
rz(-0.07268631843636095) nu[0];
rz(-0.12731368156363906) nu[1];
xx_plus_yy(0.9995370626597767, 0.0) nu[0], nu[1];
rzz(0.5) nu[0], nu[1];
rz(-0.04538128097241162) nu[2];
rz(-0.1546187190275884) nu[3];
xx_plus_yy(0.9981493004416317, 0.0) nu[2], nu[3];
rzz(0.5) nu[2], nu[3];
rz(-0.07268631843636095) nu[0];
rz(-0.12731368156363906) nu[1];
rz(-0.04538128097241162) nu[2];
rz(-0.1546187190275884) nu[3];
// t = 1.5
