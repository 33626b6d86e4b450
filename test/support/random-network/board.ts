/** The board whose planner chooses foldings of random networks: small, so that it has to choose. */
export const boardOfRandomNetworks = 'arty-a7-35t';
