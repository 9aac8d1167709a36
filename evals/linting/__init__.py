"""What is wrong with a suite that loads: names of the bundle that are not there, expectations that
contradict each other, cases that add nothing, and claims that it is too small for."""
